import type { TokenId } from "../../vocabulary/events.js";
import type { Pending } from "../pending.js";
import type { States } from "../states.js";
import type { Question } from "./question.js";
import type { Selected } from "./sample.js";
import type { Sampler } from "../sampler.js";

/** The candidate that contrastive search takes. */
export interface Contrasted {
  /** Its row. */
  row: number;
  token: TokenId;
  /** The token's log-probability under the untempered model law without suppressed ids. */
  logprob: number;
  /** (1 − alpha) p − alpha · the largest cosine of its state with one before it. */
  score: number;
  /** Isotropy of the text with this token, as `isotropy` in `vocabulary/figures.ts` defines it. */
  isotropy: number | null;
}

/** What candidates are taken from: the one row's list of `topK`, or what follows the candidate that was taken last. */
export type Candidates = Pending<Selected[][]> | Pending<Contrasted>;

/** What is compared. */
export interface Contrasting {
  /** How much likeness counts against probability. */
  alpha: number;
  /** Those of every kept row, and of these rows. */
  states: States;
  candidates: Candidates;
  /** Which candidate the first row is; 0 unless given. */
  from?: number;
  /** So many candidates are wanted for the token behind. */
  k: number;
}

/**
 * Takes one of the candidates for the next token: the rows, none of which is kept or sees another (arXiv 2202.06417). The one of the
 * highest score, of equal ones the first. The answer can be kept (`Session.keep`), and refers to the likeliest tokens behind it.
 */
export interface Contrast extends Question<Contrasted> {
  readonly kind: "contrast";
  readonly sampler: Sampler;
  readonly how: Contrasting;
}

/** Asks which candidate is both likely and unlike what was written. */
export const contrast = (sampler: Sampler, how: Contrasting): Contrast => ({ kind: "contrast", sampler, how });
