import { OURS } from "./contenders.js";
import type { Sample } from "./page/contender.js";

/** One runtime with its figures. */
export interface ContenderResult {
  name: string;
  /** Computes in float32 from the checkpoint's own values. */
  isFloat32: boolean;
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

/** Our decode rates by those of each peer, round by round. */
export function ratiosOf(contenders: readonly ContenderResult[]): Ratio[] {
  const isOurs = ({ name }: ContenderResult) => OURS.includes(name);
  const rates = ({ samples }: ContenderResult) => samples.map(({ tokensPerSecond }) => tokensPerSecond);
  return contenders.filter(isOurs).flatMap((ours) =>
    contenders
      .filter((contender) => !isOurs(contender))
      .map((peer) => {
        const peerRates = rates(peer);
        return { ours: ours.name, peer: peer.name, values: rates(ours).map((rate, i) => rate / peerRates[i]) };
      }),
  );
}
