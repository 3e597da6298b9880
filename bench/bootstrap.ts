import { threefry2x32 } from "../src/sampling/noise.js";

/** A figure and where 95 % of those lie that other prompts would have given. */
export interface Interval {
  value: number;
  low: number;
  high: number;
}

const NUM_SAMPLES = 1000;

/**
 * A figure of several prompts with its 95 % interval by bootstrap: prompts are drawn anew, with replacement, a thousand times (by a
 * fixed seed, so that a report repeats). `figure` is of sums over prompts, not a mean of ratios.
 */
export function intervalOf<T>(prompts: readonly T[], figure: (prompts: readonly T[]) => number): Interval {
  const count = prompts.length;
  const drawn = Array.from({ length: NUM_SAMPLES }, (_, sample) =>
    figure(prompts.map((_, i) => prompts[threefry2x32(95, sample, i, 0)[0] % count])),
  ).sort((a, b) => a - b);
  return { value: figure(prompts), low: drawn[0.025 * NUM_SAMPLES], high: drawn[0.975 * NUM_SAMPLES - 1] };
}
