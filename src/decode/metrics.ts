import type { Metrics, StepEvent } from "../events.js";
import type { SessionCounts } from "../model/session.js";

/** Work of both models: the counts that an event carries. */
export type Work = Pick<StepEvent, "forwards" | "draftForwards" | "dispatches" | "readbackBytes">;

/** Counts of both sessions so far, as one record. */
export function workOf(target: SessionCounts, draft: SessionCounts | null): Work {
  return {
    forwards: target.forwards,
    draftForwards: draft?.forwards ?? 0,
    dispatches: target.dispatches + (draft?.dispatches ?? 0),
    readbackBytes: target.readbackBytes + (draft?.readbackBytes ?? 0),
  };
}

/** Work done between two moments. */
export function workBetween(before: Work, after: Work): Work {
  return {
    forwards: after.forwards - before.forwards,
    draftForwards: after.draftForwards - before.draftForwards,
    dispatches: after.dispatches - before.dispatches,
    readbackBytes: after.readbackBytes - before.readbackBytes,
  };
}

/** Adds up the counts of a run. Only applied steps count; what ran ahead of a stop is `discardedForwards`. */
export class Meter {
  private steps = 0;
  private readonly total: Work = { forwards: 0, draftForwards: 0, dispatches: 0, readbackBytes: 0 };
  private prefillForwards = 0;
  private discardedForwards = 0;
  private proposed = 0;
  private accepted = 0;
  private first: { elapsedMs: number; ownMs: number } | null = null;
  private lastOwnMs = 0;

  /** One applied step. `times`: now, on both clocks; `isPrefill`: it wrote nothing and nothing was written before. */
  step(work: Work, hasWritten: boolean, times: { elapsedMs: number; ownMs: number }): void {
    this.steps++;
    const isPrefill = !this.first && !hasWritten;
    if (isPrefill) this.prefillForwards += work.forwards;
    else this.total.forwards += work.forwards;
    this.total.draftForwards += work.draftForwards;
    this.total.dispatches += work.dispatches;
    this.total.readbackBytes += work.readbackBytes;
    if (!hasWritten) return;
    this.first ??= times;
    this.lastOwnMs = times.ownMs;
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

  /** The run's metrics at its end. */
  finish(counts: { promptTokens: number; tokens: number; elapsedMs: number; ownMs: number }): Metrics {
    const { forwards, draftForwards, dispatches, readbackBytes } = this.total;
    const decodeMs = this.first ? this.lastOwnMs - this.first.ownMs : 0;
    return {
      promptTokens: counts.promptTokens,
      tokens: counts.tokens,
      steps: this.steps,
      forwards,
      prefillForwards: this.prefillForwards,
      draftForwards,
      discardedForwards: this.discardedForwards,
      tokensPerForward: forwards > 0 ? counts.tokens / forwards : 0,
      proposed: this.proposed,
      accepted: this.accepted,
      dispatches,
      readbackBytes,
      timeToFirstTokenMs: this.first?.elapsedMs ?? 0,
      elapsedMs: counts.elapsedMs,
      ownMs: counts.ownMs,
      tokensPerSecond: decodeMs > 0 ? (Math.max(0, counts.tokens - 1) * 1000) / decodeMs : 0,
    };
  }
}
