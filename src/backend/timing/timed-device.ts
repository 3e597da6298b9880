import type { Pending } from "../../seam/pending.js";

/** A device whose work can be timed. */
export interface TimedDevice {
  /** Timing the forwards of a model may take so long. */
  readonly budgetMs: number;
  /** Milliseconds until it has done what `ask` asks for; what was asked before is waited for and not counted. */
  elapsed(ask: () => void, clock: () => number): Promise<number>;
  /** Makes forwards like this one ready, so that none prepares anything while it is timed. */
  warm(forward: () => Pending<unknown>): Promise<void>;
}
