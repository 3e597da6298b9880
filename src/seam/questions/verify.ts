import type { TokenId } from "../../vocabulary/events.js";
import type { Question } from "./question.js";
import type { Sampler } from "../sampler.js";

/** Outcome of a verification: the accepted drafts, then one recovered or bonus token. */
export interface Verdict {
  /** Drafts accepted, 0..γ. */
  accepted: number;
  /** The drafted tokens as the device saw them, in row order (row 0 is the pending token and not part of it). */
  drafts: TokenId[];
  /** Accepted drafts and the final token: `accepted + 1` entries. */
  emitted: { token: TokenId; logprob: number }[];
  /** Rows (of the forward's logit rows) on the accepted path, row 0 first: `accepted + 1` entries. */
  path: number[];
}

/** Row 0 is the pending token, the other rows are drafts (a chain, or the forward's `parents` tree). Shared-noise rule. */
export interface Verify extends Question<Verdict> {
  readonly kind: "verify";
  readonly sampler: Sampler;
}

/** Asks which drafts are what is drawn. */
export const verify = (sampler: Sampler): Verify => ({ kind: "verify", sampler });
