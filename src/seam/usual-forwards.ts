import type { Question } from "./questions/question.js";
import type { Sampler } from "./sampler.js";
import type { Session } from "./session.js";

/** Forwards that a run makes over and over, by their rows. What isn't told is compiled at its first use. */
export interface UsualForwards {
  /** Of the target: from the last of so many rows a token is drawn. */
  drawn?: readonly number[];
  /** What is asked for in place of a draw. */
  asked?: Question<unknown>;
  /** Of the target: so many rows are verified by shared noise, and kept as far as they were right. */
  verified?: readonly number[];
  /** Of the target: a block of so many masks is read, alone and with the block before it, and some of them are filled. */
  filled?: number;
  /** Of the draft model: from the last of so many rows a token is drawn. */
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
