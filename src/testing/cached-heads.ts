import { widenHalves } from "../format/widen.js";
import type { CacheFormat } from "../seam/cache-format.js";

/** Heads of `4 · d4` numbers each as a cache of this format holds them, in words. f16: of numbers of its range, toward zero. */
export function closeHeads(format: CacheFormat, values: Float32Array<ArrayBuffer>, d4: number): Uint32Array {
  const bits = new Uint32Array(values.buffer);
  if (format === "f32") return bits;
  if (format === "f16") return new Uint32Array(Uint16Array.from(bits, halfOf).buffer);
  const width = d4 * 4;
  const out = new Uint32Array((values.length / width) * (d4 + 1));
  const codes = new Int8Array(out.buffer);
  for (let head = 0; head * width < values.length; head++) {
    const own = values.subarray(head * width, (head + 1) * width);
    const peak = own.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const at = head * (d4 + 1);
    own.forEach((value, i) => {
      codes[at * 4 + i] = Math.round((value / (peak || 1)) * 127);
    });
    [out[at + d4]] = new Uint32Array(Float32Array.of(peak).buffer);
  }
  return out;
}

/** The numbers that a cache of this format stands for, by heads of `4 · d4`. */
export function openHeads(format: CacheFormat, words: Uint32Array<ArrayBuffer>, d4: number): Float32Array<ArrayBuffer> {
  if (format === "f32") return new Float32Array(words.buffer);
  if (format === "f16") return widenHalves(new Uint16Array(words.buffer));
  const numHeads = words.length / (d4 + 1);
  const codes = new Int8Array(words.buffer);
  const peaks = new Float32Array(words.buffer);
  return Float32Array.from({ length: numHeads * d4 * 4 }, (_, i) => {
    const head = Math.floor(i / (d4 * 4));
    return (codes[head * (d4 + 1) * 4 + (i % (d4 * 4))] / 127) * peaks[head * (d4 + 1) + d4];
  });
}

function halfOf(bits: number): number {
  const exponent = ((bits >>> 23) & 255) - 112;
  return exponent <= 0 ? 0 : ((bits >>> 16) & 0x8000) | (exponent << 10) | ((bits >>> 13) & 1023);
}
