import type { UnmaskPolicy } from "../seam/questions/unmask.js";
import { exponential, PURPOSE } from "./noise.js";

/** One masked row's candidate. */
export interface Candidate {
  position: number;
  /** Log-probability of the drawn token under the untempered law: its confidence is this number's exponential. */
  logprob: number;
}

/**
 * Which candidates to commit: the first `quota` by the policy's order; or all with at least the threshold's confidence,
 * and when there is none, the first by order. The oracle of the GPU's selection.
 * Order: most confident first; or smallest noise of purpose "order" (position, the policy's draw, token 0) first; or
 * lowest position first. Ties go to the lowest position.
 */
export function chooseCommits(candidates: readonly Candidate[], policy: UnmaskPolicy, seed: number): boolean[] {
  const { order, quota, threshold, draw } = policy;
  const keys = candidates.map(({ position, logprob }) => {
    if (order === "confidence") return -logprob;
    return order === "random" ? exponential(seed, PURPOSE.order, position, draw, 0) : position;
  });
  const ranking = [...candidates.keys()].sort(
    (a, b) => keys[a] - keys[b] || candidates[a].position - candidates[b].position,
  );
  const rank = new Map(ranking.map((candidate, index) => [candidate, index]));
  const isSure = ({ logprob }: Candidate) => threshold !== undefined && logprob >= Math.log(threshold);
  const count = threshold === undefined ? (quota ?? 1) : candidates.some(isSure) ? 0 : 1;
  return candidates.map((candidate, index) => isSure(candidate) || (rank.get(index) as number) < count);
}
