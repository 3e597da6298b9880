import type { TokenId } from "../../vocabulary/events.js";
import type { Question } from "./question.js";
import type { Sampler } from "../sampler.js";

/** Which masked rows to commit this step. */
export interface UnmaskPolicy {
  order: "confidence" | "random" | "left_to_right";
  /** Commit exactly this many (cut to the number of rows), or … */
  quota?: number;
  /** … every row whose confidence (probability of the choice) is at least this, always at least the best one. */
  threshold?: number;
  /** `draw` of the noise for `order: "random"`. */
  draw: number;
  /** Only rows whose token this is are candidates; left out: all rows are. */
  mask?: TokenId;
}

/** Outcome of an unmask selection, one entry per logit row. */
export interface Unmasked {
  rows: { token: TokenId; logprob: number; commit: boolean }[];
}

/** Draws per row, then commits by policy. In-place rows: fills the row's own position. */
export interface Unmask extends Question<Unmasked> {
  readonly kind: "unmask";
  readonly sampler: Sampler;
  readonly policy: UnmaskPolicy;
}

/** Asks which masks to commit, with which tokens. */
export const unmask = (sampler: Sampler, policy: UnmaskPolicy): Unmask => ({ kind: "unmask", sampler, policy });
