import type { Question } from "./question.js";
import type { Selected } from "./sample.js";
import type { Sampler } from "../sampler.js";

/** What candidates are compared by. */
export interface Resisting {
  /** So many of the likeliest tokens are candidates. */
  k: number;
  /**
   * What is taken off the probability of a candidate that would repeat so many tokens, from 0 on; the last counts for more tokens as well.
   * Infinity: it isn't taken, unless all candidates have it.
   */
  resistance: readonly number[];
}

/**
 * Takes, behind each row of a chain or a tree, the candidate of the highest probability less its resistance, and of equal ones the
 * likelier (arXiv 2212.02175). A candidate repeats the longest end of what the row saw that, with it behind, occurs there. Of the sampler
 * its suppressed ids alone count.
 */
export interface Resist extends Question<Selected[]> {
  readonly kind: "resist";
  readonly sampler: Sampler;
  readonly how: Resisting;
}

/** Asks for the likeliest token that repeats little. */
export const resist = (sampler: Sampler, how: Resisting): Resist => ({ kind: "resist", sampler, how });
