import type { ExtensionKey } from "./extension.js";
import type { TokenId } from "../vocabulary/events.js";
import type { SetRows } from "../vocabulary/prompt.js";
import type { ForwardRequest } from "./forward.js";
import type { Contrasted } from "./questions/contrast.js";
import type { Verdict } from "./questions/verify.js";
import type { Pending } from "./pending.js";
import type { Rows } from "./rows.js";

/** Counts of work since the session was made. */
export interface SessionCounts {
  forwards: number;
  rows: number;
  dispatches: number;
  readbackBytes: number;
}

/** What says which scratch rows to keep: a result, or the rows. */
export type Kept = Pending<Verdict> | Pending<Contrasted> | readonly number[];

/**
 * One sequence on one model. `forward` is synchronous: it enqueues and returns.
 * Invalid requests throw before anything is enqueued.
 */
export interface Session {
  readonly counts: SessionCounts;
  forward(request: ForwardRequest): Rows;
  /**
   * Promotes scratch rows of the last forward, compacted, once and before anything else moves the length: those that a verdict accepted,
   * the candidate that was taken, or those listed by forward row, a path of its chain or tree from the last kept row on (one of several
   * siblings, say). But for a verdict the length stays known. What is asked of that forward's rows is asked before.
   */
  keep(kept: Kept): void;
  /**
   * What a key of `extension/` asks for beside this session: a session on a part of its model, room on the device, drafts. The same one
   * when asked again, unless the key says otherwise; it goes with this session. Throws `InvariantError` where the model has none.
   */
  beside<T>(key: ExtensionKey<T>): T;
  /**
   * Another session of the same model with the same kept rows, which from here on go their own ways. Its counts start anew, so who
   * forks adds them up and disposes of it; scratch rows, states and what stands beside this one don't follow. Throws `InvariantError` while
   * the length depends on an unread result, and where this session reads another's states.
   */
  fork(): Session;
  /** Kept rows. Throws `InvariantError` while it depends on an unread result. */
  readonly length: number;
  /** Largest value `length` can have once everything is read. Never throws. */
  readonly maxLength: number;
  /** Cut to `length`, or to another session's (perhaps unread) length plus `offset`; never grows. */
  truncate(length: number | Session, offset?: number): void;
  /** Waits until `length` is known. */
  settle(): Promise<void>;
  /** Cut to the longest prefix equal to `ids`, read with the same `sets` (a settled session only); returns the length. */
  match(ids: readonly TokenId[], sets?: readonly SetRows[]): number;
  dispose(): void;
}
