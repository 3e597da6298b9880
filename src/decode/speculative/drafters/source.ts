import type { TokenId } from "../../../vocabulary/events.js";
import type { Capabilities } from "../../../seam/capabilities.js";
import type { Needs, Run, Step } from "../../decoder.js";
import type { OptionTable, OptionValues } from "../../options.js";

/** Most drafts of one verification, whose rows are these and the pending token. */
export const MAX_DRAFTS = 64;

/** Where the drafts of `speculative` come from: one of the values of its option `drafter`. */
export interface DraftSource {
  name: string;
  label: string;
  summary: string;
  /** `num_assistant_tokens` when it isn't given: the length of a chain, or the nodes of a tree. */
  numTokens: number;
  /** What the authors of its method take, where that is another number. */
  authorsTokens?: number;
  /** `num_assistant_tokens` by another name; null where that wasn't given. */
  lengthOf?(options: OptionValues): number | null;
  /** It drafts chains, whose length a schedule can choose; else trees. */
  isChain: boolean;
  /**
   * What its drafts are drawn from, if a verifier may ask: one chain, or several independently, from a model's law that is
   * kept; or filled in, each with a law of its own at hand. Left out: nothing that could be compared.
   */
  draws?: "nothing" | "chain" | "chains" | "filled";
  /** What it needs besides a target that reads left to right. */
  needs(options: OptionValues): Needs;
  /** Its own options, which are refused beside any other source; several sources may have one of the same name. */
  options: OptionTable;
  /** Refuses values that it can't work with. */
  check?(options: OptionValues, capabilities: Capabilities): void;
  /** Drafts and verifies, a round a step, until the context is full. */
  rounds(run: Run): AsyncGenerator<Step, void, void>;
}

/**
 * Guesses at what comes next, as a tree: `parents[i]` is the draft before draft i, always an earlier one; -1 is the last
 * token that is known. Drafts behind the same one differ. A chain is a tree with one branch.
 */
export interface Draft {
  tokens: readonly TokenId[];
  parents: readonly number[];
}

/** What a drafter is made from. */
export interface DraftSetup {
  options: OptionValues;
  capabilities: Capabilities;
  /** The run's seed; unsigned 32-bit. */
  seed: number;
}

/**
 * The memory of one run's drafting on the CPU. It follows from the ids that it has seen (and from what it was taught,
 * which may be lost: that costs speed alone), so a run that starts again on the canvas makes a new one.
 */
export interface Drafter {
  /** At most `limit` drafts for what comes behind `ids`, which only grow from call to call. */
  draft(ids: readonly TokenId[], limit: number): Draft;
  /** The likeliest tokens behind each row of the last verification, best first: row 0 is the last known token. */
  learn?(rows: readonly { token: TokenId; top: readonly TokenId[] }[]): void;
}

/** Nothing to draft. */
export const NO_DRAFT: Draft = { tokens: [], parents: [] };

/** A draft with one branch. */
export function chainOf(tokens: readonly TokenId[]): Draft {
  return { tokens, parents: tokens.map((_, i) => i - 1) };
}
