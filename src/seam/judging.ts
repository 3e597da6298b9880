import type { TokenId } from "../vocabulary/events.js";
import type { Selected } from "./measuring.js";
import type { Pending } from "./pending.js";

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

/** How drafts are judged that were drawn from laws of their own: a chain as a whole or draft by draft, or several chains. */
export type LawRule = "rejection" | "block" | "kseq" | "recursive";

/**
 * Room on the device for what one round's tokens are drawn from: the laws of `numDrafts` drafts, and the target's. Drafts are
 * those of `numChains` chains of one length, draft d K + c the one of depth d in chain c; a chain or a tree is one chain.
 */
export interface Laws {
  readonly numDrafts: number;
  readonly numChains: number;
  /** The chains' first drafts are drawn without replacement: they differ, but where the law has fewer tokens. */
  readonly isDistinct: boolean;
}

/** A rule that keeps drafts, other than shared noise, and what it compares. Text of the last two isn't the target's law. */
export type Judging =
  /** Drafts were drawn by `Rows.draft` with these laws; `rejection` and `block` judge one chain. */
  | { rule: LawRule; laws: Laws }
  /** Drafts x with p(x) > min(threshold, alpha exp(-H(p))), of any chain or tree; of `laws` only the target's are used. */
  | { rule: "typical"; laws: Laws; threshold: number; alpha: number }
  /**
   * Drafts of a greedy chain, up to the first whose drafter gave it a probability under `fallback`, and up to one with
   * -log p over `rollback` that isn't the target's own choice; `isLiteral`: only the first such draft counts.
   */
  | { rule: "bild"; drafts: readonly Pending<Selected[]>[]; fallback: number; rollback: number; isLiteral: boolean };
