import type { Question } from "./question.js";
import { type Selected, sample } from "./sample.js";
import type { Sampler } from "../sampler.js";

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

/**
 * Draws the draft at `depth` (0 for a round's first) of each chain, row by row, with noise of the round's and the chain's
 * own, and keeps the laws that they were drawn from. Next-token rows only. A round's first of distinct chains are drawn
 * from one row's law, by the noise of the first chain; not so at temperature 0.
 */
export interface Draft extends Question<Selected[]> {
  readonly kind: "draft";
  readonly sampler: Sampler;
  readonly laws: Laws;
  readonly depth: number;
}

/** What a drafter asks for by depth: with laws a draft that keeps them, else what the target would draw. Each is made once. */
export function draftQuestions(sampler: Sampler, laws: Laws | null): (depth: number) => Question<Selected[]> {
  if (!laws) {
    const plain = sample(sampler);
    return () => plain;
  }
  const asked: Draft[] = [];
  return (depth) => {
    asked[depth] ??= { kind: "draft", sampler, laws, depth };
    return asked[depth];
  };
}
