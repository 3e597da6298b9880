import type { TokenId } from "../vocabulary/events.js";
import type { Judging, Laws, Verdict } from "./judging.js";
import type { Measured, Measuring, Selected } from "./measuring.js";
import type { Pending } from "./pending.js";
import type { Sampler } from "./sampler.js";
import type { TextDrafts } from "./text-drafts.js";
import type { UnmaskPolicy, Unmasked } from "./unmasking.js";

/** Logit rows of one forward. They die at the session's next forward: use after that throws `InvariantError`. */
export interface Rows {
  readonly count: number;
  /** Draws one token per row with noise of purpose "token"; next-token rows at position p fill p + 1, in-place rows fill p. */
  sample(sampler: Sampler, draw?: number): Pending<Selected[]>;
  /** Greedy: the largest logit of each row. */
  argmax(): Pending<Selected[]>;
  /** The k most likely tokens of each row, most likely first. */
  topK(k: number): Pending<Selected[][]>;
  /**
   * The k first tokens of each row's race, for drafts: the first is what `sample` draws with the same noise, the next what it
   * would draw without that, and so on. Penalties and truncation don't count here.
   */
  race(sampler: Sampler, k: number): Pending<TokenId[][]>;
  /** Draws per row as `sample` does, and measures each row's law. */
  measure(sampler: Sampler, how?: Measuring): Pending<Measured[]>;
  /** Draws per row, then commits by policy. In-place rows: fills the row's own position. */
  unmask(sampler: Sampler, policy: UnmaskPolicy): Pending<Unmasked>;
  /** Row 0 is the pending token, the other rows are drafts (a chain, or the forward's `parents` tree). Shared-noise rule. */
  verify(sampler: Sampler): Pending<Verdict>;
  /**
   * Draws the draft at `depth` (0 for a round's first) of each chain, row by row, with noise of the round's and the chain's
   * own, and keeps the laws that they were drawn from. Next-token rows only. A round's first of distinct chains are drawn
   * from one row's law, by the noise of the first chain; not so at temperature 0.
   */
  draft(sampler: Sampler, laws: Laws, depth: number): Pending<Selected[]>;
  /** As `verify`, by another rule. */
  judge(sampler: Sampler, judging: Judging): Pending<Verdict>;
  /** From now on the successors of each row's token are the row's `NUM_SUCCESSORS` likeliest; of a token that several rows hold, the last row's. */
  teach(drafts: TextDrafts): void;
  /**
   * Mixes another model's logits in, row by row: what is asked of these rows from now on has the law p^(1-share) q^share, where q
   * is that of `other`'s row. `other` has as many rows or fewer, of the same vocabulary, and is alive.
   */
  blend(other: Rows, share: number): void;
  /** Raw logits `[count, V]`: tests and `score` only. */
  logits(): Promise<Float32Array>;
}
