import type { Pending } from "../pending.js";
import type { LawRule, Laws } from "./draft.js";
import type { Question } from "./question.js";
import type { Selected } from "./sample.js";
import type { Verdict } from "./verify.js";
import type { Sampler } from "../sampler.js";

/** A rule that keeps drafts, other than shared noise, and what it compares. Text of the last two isn't the target's law. */
export type Judging =
  /** Drafts were drawn by the question `draft` with these laws; `rejection` and `block` judge one chain. */
  | { rule: LawRule; laws: Laws }
  /** Drafts x with p(x) > min(threshold, alpha exp(-H(p))), of any chain or tree; of `laws` only the target's are used. */
  | { rule: "typical"; laws: Laws; threshold: number; alpha: number }
  /**
   * Drafts of a greedy chain, up to the first whose drafter gave it a probability under `fallback`, and up to one with
   * -log p over `rollback` that isn't the target's own choice; `isLiteral`: only the first such draft counts.
   */
  | { rule: "bild"; drafts: readonly Pending<Selected[]>[]; fallback: number; rollback: number; isLiteral: boolean };

/** As `verify`, by another rule. */
export interface Judge extends Question<Verdict> {
  readonly kind: "judge";
  readonly sampler: Sampler;
  readonly judging: Judging;
}

/** Asks which drafts a rule keeps. */
export const judge = (sampler: Sampler, judging: Judging): Judge => ({ kind: "judge", sampler, judging });
