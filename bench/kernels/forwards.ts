import type { Gpu } from "../../src/backend/webgpu/gpu/device.js";
import type { Model } from "../../src/seam/model.js";
import { type Subject, timeInTurn } from "./timing.js";

/** Tokens in the cache when a forward is timed. */
export const NUM_KEPT = 32;

/** Times of whole forwards by their number of rows: microseconds, one for each round. */
export interface ForwardTimes {
  rows: number;
  /** Logits of the last row only, as in a prefill. */
  last: number[];
  /** Logits of all rows, as in a verification. */
  all: number[];
}

/** Times whole forwards of each number of rows, none of them kept, behind the same 32 tokens. */
export async function timeForwards(
  gpu: Gpu,
  model: Model,
  rowCounts: readonly number[],
  numRounds: number,
): Promise<ForwardTimes[]> {
  const session = model.session();
  try {
    const { vocabSize } = model.capabilities;
    // A stride that is prime to any vocabulary size at hand: other tokens each time.
    const token = (i: number) => (i * 7919 + 5) % vocabSize;
    session.forward({
      tokens: Array.from({ length: NUM_KEPT }, (_, i) => token(i)),
      attend: "causal",
      rows: "last",
      keep: NUM_KEPT,
    });
    const subject = (count: number, rows: "last" | "all"): Subject => {
      const tokens = Array.from({ length: count }, (_, i) => token(NUM_KEPT + i));
      return {
        name: `${count} rows, logits of ${rows}`,
        record(repetitions) {
          for (let i = 0; i < repetitions; i++) session.forward({ tokens, attend: "causal", rows, keep: 0 });
        },
      };
    };
    const subjects = rowCounts.flatMap((count) => [subject(count, "last"), subject(count, "all")]);
    const samples = await timeInTurn(gpu, subjects, numRounds);
    return rowCounts.map((rows, i) => ({ rows, last: samples[2 * i], all: samples[2 * i + 1] }));
  } finally {
    session.dispose();
  }
}

/** v(M) of each round: the cost of M rows in forwards of one row, from the same round. */
export function costInForwards(times: readonly ForwardTimes[], which: "last" | "all"): Map<number, number[]> {
  const one = times.find(({ rows }) => rows === 1);
  if (!one) throw new Error("v(M) needs the time of one row");
  return new Map(times.map((time) => [time.rows, time[which].map((us, i) => us / one[which][i])]));
}
