import type { Candidate } from "./rule.js";

/** Indices of candidates by rising `key`; ties by position. */
export function ranked<T extends { position: number }>(
  candidates: readonly T[],
  key: (candidate: T) => number,
): number[] {
  const order = (a: number, b: number) =>
    key(candidates[a]) - key(candidates[b]) || candidates[a].position - candidates[b].position;
  return [...candidates.keys()].sort(order);
}

/** Indices of the candidates, the surest first. */
export function surestFirst(candidates: readonly Candidate[]): number[] {
  return ranked(candidates, ({ logConfidence }) => -logConfidence);
}

/** The candidates that pass, or the surest one where none does; none of none. */
export function allOrSurest(candidates: readonly Candidate[], passes: (candidate: Candidate) => boolean): number[] {
  const passing = [...candidates.keys()].filter((i) => passes(candidates[i]));
  return passing.length > 0 ? passing : surestFirst(candidates).slice(0, 1);
}
