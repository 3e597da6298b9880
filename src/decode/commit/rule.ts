import type { Fidelity } from "../../events.js";
import type { MemoryRule, Measured, UnmaskPolicy } from "../../model/session.js";
import type { OptionValues } from "../options.js";
import type { Choice } from "../own-options.js";

/** A masked position of the block, measured. */
export interface Candidate extends Measured {
  position: number;
  /** Log of how sure the model is, by the kind of confidence that was asked for. */
  logConfidence: number;
  /** Divergences from each of the last steps to the next, the latest last; those that are known. */
  divergences: readonly number[];
}

/** Where a block stands. All of it follows from the canvas. */
export interface BlockState {
  options: OptionValues;
  /** Masks that the block began with. */
  numMasks: number;
  /** How many of them are committed. */
  numCommitted: number;
  /** Of all blocks that are written, from 0 on. */
  index: number;
  numBlocks: number;
  seed: number;
  /** Number of this choice in the run: tokens committed before it. */
  draw: number;
}

/** Which of a block's masks are committed in a step: one of the values of the option `commit_rule`. */
export interface CommitRule extends Choice {
  summary: string;
  /** Throws `InvalidOptionError` for options that contradict each other, by themselves or beside the block's length. */
  check?(options: OptionValues): void;
  fidelity(options: OptionValues): Fidelity;
  /** At most so many nats are lost in a step, if tokens are drawn from the law itself. */
  boundNats?(options: OptionValues): number;
  /** What must be remembered of each position between steps; it is lost when a run starts again. */
  memory?(options: OptionValues): MemoryRule;
  /** How it chooses: by a policy that the GPU knows too, or the candidates' indices, at least one. */
  choice:
    | { policy(block: BlockState): UnmaskPolicy }
    | { choose(candidates: readonly Candidate[], block: BlockState): readonly number[] };
}
