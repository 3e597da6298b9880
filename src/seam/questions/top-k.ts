import type { Question } from "./question.js";
import type { Selected } from "./sample.js";

/** The k most likely tokens of each row, most likely first. */
export interface TopK extends Question<Selected[][]> {
  readonly kind: "topK";
  readonly k: number;
}

/** Asks for the `k` most likely tokens of each row. */
export const topK = (k: number): TopK => ({ kind: "topK", k });
