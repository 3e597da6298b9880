/** Candidates that are timed against each other. */
export interface Contest<C extends string> {
  /** The first is the prior: what is taken unless another is clearly faster. */
  candidates: readonly [C, ...C[]];
  /** Milliseconds of one sample. */
  measure(candidate: C): Promise<number>;
  clock: () => number;
  /** No sample is begun after it but the first of each candidate. */
  budgetMs: number;
}

/** How a contest went. */
export interface Outcome<C extends string> {
  winner: C;
  /** Lower quartile of each candidate's samples. */
  ms: Record<C, number>;
}

/** Samples of each candidate that is still in, by stage; half of them go after each. */
const STAGES = [1, 3, 7];
/** What replaces the prior must take at most so much of its time. */
const MUST_TAKE = 0.95;

/**
 * Successive halving: one sample of all, three of the better half, seven of the best two, in turn within a stage, so that
 * a device that grows warm or busy does so for all. The prior stays in to the end, since it is what the best is compared
 * with. Where the budget ends early, what was measured decides; all have been measured once by then, however slow they are,
 * or a slow device would keep a prior that it is slowest at.
 */
export async function halve<C extends string>({
  candidates,
  measure,
  clock,
  budgetMs,
}: Contest<C>): Promise<Outcome<C>> {
  const [prior] = candidates;
  const samples = new Map<C, number[]>(candidates.map((candidate) => [candidate, []]));
  const figure = (candidate: C) => lowerQuartile(samples.get(candidate) ?? []);
  const startMs = clock();
  let left: C[] = [...candidates];
  stages: for (const count of STAGES) {
    for (let round = 0; round < count; round++) {
      for (const candidate of round % 2 === 0 ? left : left.toReversed()) {
        if (count > STAGES[0] && clock() - startMs >= budgetMs) break stages;
        samples.get(candidate)?.push(await measure(candidate));
      }
    }
    const ranked = left.toSorted((a, b) => figure(a) - figure(b));
    const numLeft = count === STAGES[0] ? Math.max(2, Math.ceil(candidates.length / 2)) : 2;
    const best = ranked.slice(0, numLeft);
    left = best.includes(prior) ? best : [prior, ...ranked.slice(0, numLeft - 1)];
  }
  const rivals = left.filter((candidate) => candidate !== prior);
  const rival = rivals.toSorted((a, b) => figure(a) - figure(b))[0];
  const isBetter = rival !== undefined && figure(rival) <= MUST_TAKE * figure(prior);
  return {
    winner: isBetter ? rival : prior,
    ms: Object.fromEntries(candidates.map((candidate) => [candidate, figure(candidate)])) as Record<C, number>,
  };
}

function lowerQuartile(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[Math.floor((samples.length - 1) / 4)];
}
