import type { Gpu } from "../gpu/device.js";

/** Milliseconds until the device has done what `record` enqueues. */
export type Elapsed = (record: () => void) => Promise<number>;

/** Times work on a device, by this thread's clock. What was enqueued before is waited for and not counted. */
export function stopwatch(gpu: Gpu, clock: () => number): Elapsed {
  const idle = () => gpu.device.queue.onSubmittedWorkDone();
  return async (record) => {
    gpu.queue.flush();
    await idle();
    const startMs = clock();
    record();
    gpu.queue.flush();
    await idle();
    return clock() - startMs;
  };
}

/** How a cost is found out. */
export interface Sampling {
  /** Shortest sample: below it, the clock's steps and waking up would be in the figure. */
  minSampleMs: number;
  numRounds: number;
  maxRepetitions: number;
  /** No sample is begun after it, but for those that a figure can't do without. The first use is not in it. */
  budgetMs: number;
  clock: () => number;
}

/**
 * Milliseconds of one repetition: what 2n take longer than n, each as the least of some rounds, so that what a sample
 * costs by itself (submitting, waiting, waking up) drops out. Where noise leaves no difference, that is in the figure: it
 * is too high then, never nothing. `sample` does its work so often and says how long it took.
 */
export async function costOfOne(
  sample: (repetitions: number) => Promise<number>,
  { minSampleMs, numRounds, maxRepetitions, budgetMs, clock }: Sampling,
): Promise<number> {
  // The first use may still compile.
  await sample(1);
  const startMs = clock();
  const isOver = () => clock() - startMs >= budgetMs;
  let repetitions = 1;
  // Twice, because a sample that was disturbed once looks long enough.
  const isTooShort = async () => (await sample(repetitions)) < minSampleMs || (await sample(repetitions)) < minSampleMs;
  while (repetitions * 2 <= maxRepetitions && !isOver() && (await isTooShort())) repetitions *= 2;
  const once = Math.max(1, repetitions / 2);
  let least = Number.POSITIVE_INFINITY;
  let leastOfTwice = Number.POSITIVE_INFINITY;
  for (let round = 0; round < numRounds && !(round > 0 && isOver()); round++) {
    least = Math.min(least, await sample(once));
    leastOfTwice = Math.min(leastOfTwice, await sample(2 * once));
  }
  const differenceMs = leastOfTwice - least;
  return differenceMs > 0 ? differenceMs / once : leastOfTwice / (2 * once);
}
