import type { Session } from "../../seam/session.js";
import type { ComingRun } from "../../seam/usual-forwards.js";
import type { Plan } from "./plan.js";
import type { PlannedRequest } from "./planned-request.js";
import type { TokenText } from "./pieces.js";
import type { Turn } from "./scheduler.js";

/** The sessions that a run writes with. */
export interface RunSessions {
  target: Session;
  draft?: Session;
}

/** How a run gets over the loss of its device: it goes on from its canvas, with the same noise, on new sessions. */
export interface Recovery {
  /** Why the device was lost, where that is what failed; null for every other error. */
  reasonOf(error: unknown): Promise<string | null>;
  /** New sessions of the same models on a new device. Rejects where there is none, and when the run is cancelled. */
  renew(): Promise<RunSessions>;
}

/** One generation: what to write, with what. */
export interface GenerateRequest extends RunSessions, Omit<PlannedRequest, "parsed" | "isMeasured"> {
  /** The request as `planRun` has planned it; left out: that is done first. */
  plan?: Plan;
  tokenizer: TokenText;
  /** Ends the run with reason `cancelled`. */
  signal?: AbortSignal;
  /** Milliseconds. */
  clock?: () => number;
  /** Compiles what the run will need, before its clock starts and its `start` event tells of it. */
  warmUp?(run: ComingRun): Promise<void>;
  /** Left out: a run whose device is lost fails. */
  recovery?: Recovery;
  /** This run's share of a device that others use too; the engine leaves it at the end. */
  turn?: Turn;
  /** Unread results at most; default 8, or 3 when the device is shared. */
  lookahead?: number;
  /** Results that are asked for together; default up to 4, fewer where steps are slow. Never more than half of `lookahead`. */
  stepsPerSync?: number;
  /** Steps that were applied to `canvas` before. */
  step?: number;
  /** Ends a run that goes in circles, with reason `length`. */
  maxSteps?: number;
  /** Returns to the event loop; replaceable for tests. */
  pause?: () => Promise<void>;
}
