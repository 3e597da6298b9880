import type { Metrics, StepEvent } from "../../vocabulary/events.js";
import { type Moment, tokensPerForward, tokensPerSecond } from "../../vocabulary/figures.js";
import type { SessionCounts } from "../../seam/session.js";

/** Work of the target and of the session beside it: the counts that an event carries. */
export type Work = Pick<StepEvent, "forwards" | "rows" | "draftForwards" | "waits" | "dispatches" | "readbackBytes">;

/** Counts of both sessions so far, as one record. */
export function workOf(target: SessionCounts, draft: SessionCounts | null): Work {
  return {
    forwards: target.forwards,
    rows: target.rows,
    draftForwards: draft?.forwards ?? 0,
    waits: 0,
    dispatches: target.dispatches + (draft?.dispatches ?? 0),
    readbackBytes: target.readbackBytes + (draft?.readbackBytes ?? 0),
  };
}

/** None. */
export const NO_WORK: Readonly<Work> = {
  forwards: 0,
  rows: 0,
  draftForwards: 0,
  waits: 0,
  dispatches: 0,
  readbackBytes: 0,
};

/** Work done between two moments. */
export function workBetween(before: Work, after: Work): Work {
  return {
    forwards: after.forwards - before.forwards,
    rows: after.rows - before.rows,
    draftForwards: after.draftForwards - before.draftForwards,
    waits: after.waits - before.waits,
    dispatches: after.dispatches - before.dispatches,
    readbackBytes: after.readbackBytes - before.readbackBytes,
  };
}

/** Adds up the counts of a run. Only applied steps count; what ran ahead of a stop is `discardedForwards`. */
export class Meter {
  private steps = 0;
  private readonly total: Work = { ...NO_WORK };
  private discardedForwards = 0;
  private proposed = 0;
  private accepted = 0;
  private timeToFirstTokenMs = 0;
  /** By the run's own time. */
  private first: Moment | null = null;
  private lastMs = 0;

  /** One applied step. `written`: tokens that the run has written, if this step wrote any, else null; `times`: now, on both clocks. */
  step(work: Work, written: number | null, times: { elapsedMs: number; ownMs: number }): void {
    this.steps++;
    this.total.forwards += work.forwards;
    this.total.rows += work.rows;
    this.total.draftForwards += work.draftForwards;
    this.total.waits += work.waits;
    this.total.dispatches += work.dispatches;
    this.total.readbackBytes += work.readbackBytes;
    if (written === null) return;
    if (!this.first) {
      this.first = { tokens: written, atMs: times.ownMs };
      this.timeToFirstTokenMs = times.elapsedMs;
    }
    this.lastMs = times.ownMs;
  }

  /** One step that ran ahead and was dropped. */
  discard(work: Work): void {
    this.discardedForwards += work.forwards;
  }

  /** Drafts judged in one step. */
  judged(proposed: number, accepted: number): void {
    this.proposed += proposed;
    this.accepted += accepted;
  }

  /** The run's metrics at its end. `written`: the completion's tokens less those that were there when it began. */
  finish(counts: { promptTokens: number; tokens: number; written: number; elapsedMs: number; ownMs: number }): Metrics {
    const { forwards, rows, draftForwards, waits, dispatches, readbackBytes } = this.total;
    const { written } = counts;
    return {
      promptTokens: counts.promptTokens,
      tokens: counts.tokens,
      steps: this.steps,
      forwards,
      rows,
      draftForwards,
      discardedForwards: this.discardedForwards,
      waits,
      tokensPerForward: tokensPerForward(written, forwards) ?? 0,
      proposed: this.proposed,
      accepted: this.accepted,
      dispatches,
      readbackBytes,
      timeToFirstTokenMs: this.timeToFirstTokenMs,
      elapsedMs: counts.elapsedMs,
      ownMs: counts.ownMs,
      tokensPerSecond: tokensPerSecond(this.first, { tokens: written, atMs: this.lastMs }) ?? 0,
    };
  }
}
