import { NAMES } from "./contenders.js";
import type { Sample } from "./page/contender.js";

/** One runtime with its figures. */
export interface ContenderResult {
  name: string;
  numNewTokens: number;
  loadMs: number;
  /** Leading ids equal to transformers'; `numNewTokens` when all are. */
  equalIds: number;
  samples: Omit<Sample, "ids">[];
}

/** Our decode rate by a peer's, in each round. */
export interface Ratio {
  ours: string;
  peer: string;
  values: number[];
}

/** Leading ids that two completions share. */
export function numEqual(ids: readonly number[], expected: readonly number[]): number {
  const index = ids.findIndex((id, i) => id !== expected[i]);
  return index < 0 ? ids.length : index;
}

/** The list begun at `shift`: so that no contender always runs after the same other one's heat. */
export function rotated<T>(list: readonly T[], shift: number): T[] {
  return list.map((_, i) => list[(i + shift) % list.length]);
}

/** Our decode rates by those of each peer. */
export function ratiosOf(contenders: readonly ContenderResult[]): Ratio[] {
  const rates = (name: string) =>
    contenders.find((result) => result.name === name)?.samples.map(({ tokensPerSecond }) => tokensPerSecond) ?? [];
  return [NAMES.ours, NAMES.oursHalf].flatMap((ours) =>
    [NAMES.wasm, NAMES.webgpu].map((peer) => {
      const peerRates = rates(peer);
      return { ours, peer, values: rates(ours).map((rate, i) => rate / peerRates[i]) };
    }),
  );
}
