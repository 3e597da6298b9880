/** A candidate for the next token: its probability, and its state once it is written. */
export interface ContrastCandidate {
  probability: number;
  state: Float64Array;
}

/**
 * Which of the candidates contrastive search takes behind rows of these states (arXiv 2202.06417): the largest
 * (1 − alpha) p − alpha max cos, the first of equal ones. With the squared length of the sum of all states, each of length 1, and its own.
 */
export function chooseContrast(
  alpha: number,
  candidates: readonly ContrastCandidate[],
  states: readonly Float64Array[],
): { row: number; score: number; squaredSum: number } {
  const kept = states.map(unit);
  const own = candidates.map(({ state }) => unit(state));
  const scores = candidates.map(({ probability }, row) => {
    const likeness = kept.reduce((most, state) => Math.max(most, dot(state, own[row])), -2);
    return (1 - alpha) * probability - alpha * likeness;
  });
  const score = Math.max(...scores);
  const row = scores.indexOf(score);
  const sum = Float64Array.from(own[row]);
  for (const state of kept) for (let i = 0; i < sum.length; i++) sum[i] += state[i];
  return { row, score, squaredSum: dot(sum, sum) };
}

function unit(state: Float64Array): Float64Array {
  const norm = Math.sqrt(dot(state, state));
  return norm === 0 ? state : state.map((value) => value / norm);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
