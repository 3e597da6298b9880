import type { Question } from "./question.js";
import type { Selected } from "./sample.js";
import { GREEDY, type Sampler } from "../sampler.js";

/** The k most likely tokens of each row, most likely first; of the sampler its suppressed ids alone count. */
export interface TopK extends Question<Selected[][]> {
  readonly kind: "topK";
  readonly sampler: Sampler;
  readonly k: number;
}

/** Asks for the `k` most likely tokens of each row. */
export const topK = (k: number, sampler = GREEDY): TopK => ({ kind: "topK", sampler, k });
