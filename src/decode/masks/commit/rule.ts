import type { TokenId } from "../../../vocabulary/events.js";
import type { MemoryRule, Measured } from "../../../seam/questions/measure.js";
import type { UnmaskPolicy } from "../../../seam/questions/unmask.js";
import type { Claim } from "../../law.js";
import type { OptionValues } from "../../options.js";
import type { Choice } from "../../own-options.js";

/** A masked position of the block, measured. */
export interface Candidate extends Measured {
  position: number;
  /** Log of how sure the model is, by the kind of confidence that was asked for. */
  logConfidence: number;
  /** Divergences from each of the last steps to the next, the latest last; those that are known. */
  divergences: readonly number[];
  /** The token that stands here, with its log-probability in this step's law; null for a mask. */
  current: { token: TokenId; logprob: number } | null;
}

/** A tentative token, with the log-probability that it was written with. */
export interface Tentative {
  position: number;
  token: TokenId;
  logprob: number;
}

/** Where a block stands. All of it follows from the canvas. */
export interface BlockState {
  options: OptionValues;
  /** Masks that the block began with. */
  numMasks: number;
  /** How many of them are written, tentative ones included. */
  numCommitted: number;
  tentative: readonly Tentative[];
  /** Number of the block among all that are written, from 0 on. */
  index: number;
  numBlocks: number;
  seed: number;
  /** Number of this choice in the run: tokens committed before it. */
  draw: number;
}

/** A block as a claim knows it: where it stands, without what a step needs beside that. */
export type BlockAhead = Omit<BlockState, "options" | "seed">;

/** What a revising rule does in a step, by the candidates' indices. */
export interface Revision {
  /** Get the token that was drawn for them. */
  commit: readonly number[];
  /** Get their likeliest token. */
  rewrite?: readonly number[];
  /** Positions that are masked again. */
  remask: readonly number[];
  /** The block is done: its tokens stay. */
  isSettled: boolean;
}

/** A revising rule at work on one run. It may remember steps: interrupted, a run goes on at about the step that its block is at. */
export interface Reviser {
  /** `draw` of the noise that the next forward's tokens are drawn with: what was masked again is drawn anew. */
  readonly draw: number;
  revise(candidates: readonly Candidate[], block: BlockState): Revision;
}

/** What options alone say of a run's blocks. */
export interface BlockShape {
  /** Masks of the run. */
  numMasks: number;
  /** Masks of a block at most, in however long a text. */
  most: number;
  /** Null where it isn't known. */
  numBlocks: number | null;
  /** The option that leaves a block one mask, where one does. */
  single: string | null;
}

/** Which of a block's masks are committed in a step: one of the values of the option `commit_rule`. */
export interface CommitRule extends Choice {
  summary: string;
  /**
   * Throws `InvalidOptionError` for options that contradict each other or the blocks, or change nothing beside others. Options that
   * weren't given are null.
   */
  check?(options: OptionValues, shape: BlockShape): void;
  /** What the text's law is, if these blocks are written by this rule. */
  claim(options: OptionValues, blocks: readonly BlockAhead[]): Claim;
  /** Even a block of a single mask gets another token than the model's law would give it; left out: it doesn't. */
  altersLaw?(options: OptionValues): boolean;
  /** Even a block of a single mask is written otherwise than by one draw; left out: where its law is another. */
  touchesOne?(options: OptionValues, shape: BlockShape): boolean;
  /** Each block is written in one step; left out: only where it has one mask. */
  isOneStep?(options: OptionValues, shape: BlockShape): boolean;
  /** At most so many nats are lost in a step, if tokens are drawn from the law itself. */
  boundNats?(options: OptionValues): number;
  /** What must be remembered of each position between steps; it is lost when a run starts again. */
  memory?(options: OptionValues): MemoryRule;
  /**
   * How it chooses: by a policy that the GPU knows too; or the candidates' indices, at least one; or, where it revises, as
   * `begin` says, `readsAll` if tentative tokens are candidates too.
   */
  choice:
    | { policy(block: BlockState): UnmaskPolicy }
    | { choose(candidates: readonly Candidate[], block: BlockState): readonly number[] }
    | { begin(): Reviser; readsAll?: boolean };
}
