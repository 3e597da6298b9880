import type { TokenId } from "../../vocabulary/events.js";
import type { Question } from "./question.js";
import { GREEDY, type Sampler } from "../sampler.js";

/** One drawn (or argmax) token of a row. `logprob` is of the untempered model law without suppressed ids. */
export interface Selected {
  token: TokenId;
  logprob: number;
}

/** Draws one token per row with noise of purpose "token"; next-token rows at position p fill p + 1, in-place rows fill p. */
export interface Sample extends Question<Selected[]> {
  readonly kind: "sample";
  readonly sampler: Sampler;
  /** Number of the noise's draw. */
  readonly draw: number;
}

/** Asks for a token of each row. */
export const sample = (sampler: Sampler, draw = 0): Sample => ({ kind: "sample", sampler, draw });

/** Asks for the largest logit of each row. */
export const ARGMAX: Sample = sample(GREEDY);
