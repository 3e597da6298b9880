import type { Question } from "./questions/question.js";
import type { Sampler } from "./sampler.js";
import type { Session } from "./session.js";

/** Forwards that a run makes over and over, by their rows. What isn't told is compiled at its first use. */
export interface UsualForwards {
  /** Numbers of rows of the target's forwards from whose last row a token is drawn. */
  drawn?: readonly number[];
  /** What is asked for in place of a draw. */
  asked?: Question<unknown>;
  /** Numbers of rows that the target verifies by shared noise, and keeps as far as they were right. */
  verified?: readonly number[];
  /** Masks of a block that the target reads, alone and with the block before it, and some of which are filled. */
  filled?: number;
  /** Numbers of rows of the draft model's forwards from whose last row a token is drawn. */
  drafted?: readonly number[];
  /** The run goes by the cost of each number of rows, so that no tile may stand in for one that isn't compiled. */
  isMeasured?: boolean;
}

/** A run whose clock hasn't started. */
export interface ComingRun {
  forwards: UsualForwards;
  sampler: Sampler;
  promptLength: number;
  maxNewTokens: number;
  target: Session;
  draft?: Session;
}
