import { PURPOSE } from "../../../sampling/noise.js";
import { type Candidate, chooseCommits } from "../../../sampling/unmask.js";
import type { Chance } from "../../../sampling/verify/chance.js";
import type { Pending } from "../../../seam/pending.js";
import type { Unmask, Unmasked, UnmaskPolicy } from "../../../seam/questions/unmask.js";
import type { HostRows } from "../host-rows.js";

/** Draws, then commits by the policy. */
export function unmask(rows: HostRows, { sampler, policy }: Unmask): Pending<Unmasked> {
  const { flight, list } = rows.origin;
  const isCandidate = (row: number) => policy.mask === undefined || flight[row].token === policy.mask;
  const rowsOfMasks = list.filter(isCandidate);
  const { chance } = rows.session;
  const isBlind = policy.order !== "confidence" && policy.threshold === undefined;
  // What isn't committed needs no draw where the draws don't decide that: fewer ways to walk.
  const order = chance && isBlind ? firstOf(rowsOfMasks, policy, chance) : null;
  const selected = list.map((row) =>
    order && !order.includes(row) ? { token: 0, logprob: 0 } : rows.select(row, sampler, 0),
  );
  const candidates = rowsOfMasks.map((row) => {
    return { row, position: flight[row].position, logprob: selected[list.indexOf(row)].logprob };
  });
  const commits = order
    ? candidates.map(({ row }) => order.includes(row))
    : commitsOf(rows, candidates, policy, sampler.seed);
  const committed = new Set(candidates.flatMap(({ row }, i) => (commits[i] ? [row] : [])));
  const answers = selected.map(({ token, logprob }, i) => ({ token, logprob, commit: committed.has(list[i]) }));
  return rows.pending({ rows: answers }, (word) =>
    answers[word].commit ? answers[word].token : flight[list[word]].token,
  );
}

function commitsOf(rows: HostRows, candidates: readonly Candidate[], policy: UnmaskPolicy, seed: number): boolean[] {
  const commits = chooseCommits(candidates, policy, seed);
  const { chance } = rows.session;
  const { order, threshold = 1 } = policy;
  const isAnySure = candidates.some(({ logprob }) => logprob >= Math.log(threshold));
  if (!chance || order !== "random" || isAnySure) return commits;
  // None is sure enough: one at random.
  const [one] = firstOf([...candidates.keys()], { ...policy, quota: 1 }, chance);
  return candidates.map((_, i) => i === one);
}

/** The rows that a quota commits in an order that depends on no draw. */
function firstOf(list: readonly number[], { order, quota = 1 }: UnmaskPolicy, chance: Chance): number[] {
  const free = [...list];
  const first: number[] = [];
  while (first.length < quota && free.length > 0) {
    const next = order === "random" ? chance.draw(new Float64Array(free.length).fill(1), PURPOSE.order, 0, 0) : 0;
    first.push(...free.splice(next, 1));
  }
  return first;
}
