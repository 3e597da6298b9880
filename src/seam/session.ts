import type { TokenId } from "../vocabulary/events.js";
import type { ForwardRequest } from "./forward.js";
import type { Laws } from "./questions/draft.js";
import type { Verdict } from "./questions/verify.js";
import type { MemoryRule, RowMemory } from "./questions/measure.js";
import type { Pending } from "./pending.js";
import type { Rows } from "./rows.js";
import type { TextDrafts } from "./text-drafts.js";

/** Scores block lengths by a model's states. */
export interface LengthPolicy {
  /** A score for each of `policyLengths`, by this row of the session's last forward, which kept `hidden` states. */
  score(row: number): Promise<Float32Array>;
}

/** Counts of work since the session was made. */
export interface SessionCounts {
  forwards: number;
  rows: number;
  dispatches: number;
  readbackBytes: number;
}

/**
 * One sequence on one model. `forward` is synchronous: it enqueues and returns.
 * Invalid requests throw before anything is enqueued.
 */
export interface Session {
  readonly counts: SessionCounts;
  forward(request: ForwardRequest): Rows;
  /** Promote the scratch rows on an accepted path (verdict of the last forward), compacted. */
  keep(verdict: Pending<Verdict>): void;
  /** Room for the laws of up to `numDrafts` drafts that this session verifies; the same one when asked again. */
  laws(numDrafts: number, numChains?: number, isDistinct?: boolean): Laws;
  /** An empty memory for rows of this session; one of the same rule takes the place of an earlier one. */
  rowMemory(rule: MemoryRule): RowMemory;
  /** Drafts by this session's tokens. The same ones when asked again. */
  textDrafts(): TextDrafts;
  /**
   * A session on the first `numLayers` layers (fewer than all) of this one's model, which ends in the model's own final norm
   * and LM head; with a cache of its own. The same one when asked again; it goes with this one.
   */
  shallow(numLayers: number): Session;
  /** Another session on this one's model, for what is read beside it. The same one when asked again; it goes with this one. */
  twin(): Session;
  /**
   * The session on the head that this one's model was loaded with: a few layers that read a token and a hidden state each, and
   * end in the model's own LM head. With a cache of its own. An EAGLE head (arXiv 2401.15077) reads the next token and the state
   * before it: its row i is that of token i + 1. A joint sampler (arXiv 2509.22738) reads a canvas and the states of its
   * positions, and predicts masks in place. The same one when asked again; it goes with this one.
   */
  head(): Session;
  /**
   * The session on the sampler head of the adapter that this one's model was loaded with (arXiv 2507.11851): each row reads the
   * state of a mask row and the token before what that row predicts; it keeps nothing. The same one when asked again; it goes
   * with this one.
   */
  maskSampler(): Session;
  /** The policy that this one's model was loaded with, on this session's states. The same one when asked again. */
  lengthPolicy(): LengthPolicy;
  /** Kept rows. Throws `InvariantError` while it depends on an unread result. */
  readonly length: number;
  /** Largest value `length` can have once everything is read. Never throws. */
  readonly maxLength: number;
  /** Cut to `length`, or to another session's (perhaps unread) length plus `offset`; never grows. */
  truncate(length: number | Session, offset?: number): void;
  /** Waits until `length` is known. */
  settle(): Promise<void>;
  /** Cut to the longest prefix equal to `ids` (a settled session only); returns the length. */
  match(ids: readonly TokenId[]): number;
  dispose(): void;
}
