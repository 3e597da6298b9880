import type { KeptRows } from "../../sequence/kept-rows.js";
import type { Sequence } from "./sequence.js";

/** Reads what the host doesn't know of a sequence's kept rows: their number, and tokens that only the device knew. */
export async function learnKept(kept: KeptRows, sequence: Sequence): Promise<void> {
  const { gpu, capabilities } = sequence.model;
  gpu.queue.checkEpoch(sequence.epoch);
  let known = kept.known();
  while (known === null) {
    sequence.counts.readbackBytes += 4;
    const before = sequence.revision;
    const words = new Uint32Array(await gpu.queue.read(sequence.lengths, sequence.index * 4, 4));
    if (sequence.revision === before) kept.found(words[0]);
    known = kept.known();
  }
  const first = kept.firstUnknown;
  if (first < known && known <= capabilities.maxLength) {
    const byteLength = (known - first) * 16;
    const { slots } = sequence;
    sequence.counts.readbackBytes += byteLength;
    const words = new Uint32Array(await gpu.queue.read(slots.buffer, slots.offset + first * 16, byteLength));
    for (let slot = first; slot < known; slot++) kept.learn(words[(slot - first) * 4 + 2]);
  }
}
