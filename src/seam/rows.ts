import type { Pending } from "./pending.js";
import type { Question } from "./questions/question.js";

/** Logit rows of one forward. They die at the session's next forward: use after that throws `InvariantError`. */
export interface Rows {
  readonly count: number;
  /** Enqueues what answers a question (`questions/`) about these rows, and returns at once. */
  ask<T>(question: Question<T>): Pending<T>;
  /**
   * Mixes another model's logits in, row by row: what is asked of these rows from now on has the law p^(1-share) q^share, where q
   * is that of `other`'s row. `other` has as many rows or fewer, of the same vocabulary, and is alive.
   */
  blend(other: Rows, share: number): void;
  /** Raw logits `[count, V]`: tests and `score` only. */
  logits(): Promise<Float32Array>;
}
