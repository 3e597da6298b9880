import type { RunCompanions } from "../companion.js";
import type { Metrics, Role, StepEvent } from "../../vocabulary/events.js";
import { type Moment, tokensPerForward, tokensPerSecond } from "../../vocabulary/figures.js";
import type { SessionCounts } from "../../seam/session.js";

/** The counts that an event carries. */
type Seen = Pick<StepEvent, "forwards" | "rows" | "draftForwards" | "waits" | "dispatches" | "readbackBytes">;

/** Work of the target and of what runs beside it: of `draftForwards`, those of each role too. */
export type Work = Seen & Record<Role, number>;

const ROLES = ["drafter", "judge", "guide", "joint"] as const satisfies readonly Role[];

/** Counts of a run's sessions so far, as one record. */
export function workOf(target: SessionCounts, beside: RunCompanions): Work {
  const { forwards, rows, dispatches, readbackBytes } = target;
  const work = { forwards, rows, draftForwards: 0, waits: 0, dispatches, readbackBytes, ...NO_ROLES };
  for (const role of ROLES) {
    const counts = beside[role]?.session.counts;
    if (!counts) continue;
    work[role] = counts.forwards;
    work.draftForwards += counts.forwards;
    work.dispatches += counts.dispatches;
    work.readbackBytes += counts.readbackBytes;
  }
  return work;
}

const NO_ROLES = { drafter: 0, judge: 0, guide: 0, joint: 0 };

/** None. */
export const NO_WORK: Readonly<Seen> = {
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
    drafter: after.drafter - before.drafter,
    judge: after.judge - before.judge,
    guide: after.guide - before.guide,
    joint: after.joint - before.joint,
  };
}

/** Adds up the counts of a run. Only applied steps count; what ran ahead of a stop is `discardedForwards`. */
export class Meter {
  private steps = 0;
  private readonly total: Work = { ...NO_WORK, ...NO_ROLES };
  private discardedForwards = 0;
  private proposed = 0;
  private accepted = 0;
  private timeToFirstTokenMs = 0;
  /** By the run's own time. */
  private first: Moment | null = null;
  private lastMs = 0;
  private figures: Metrics["figures"];

  /** One applied step. `written`: tokens that the run has written, if this step wrote any, else null; `times`: now, on both clocks. */
  step(work: Work, written: number | null, times: { elapsedMs: number; ownMs: number }): void {
    this.steps++;
    this.total.forwards += work.forwards;
    this.total.rows += work.rows;
    this.total.draftForwards += work.draftForwards;
    for (const role of ROLES) this.total[role] += work[role];
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

  /** Figures of the text after a step, if it reports any. */
  report(figures: Readonly<Record<string, number>>): void {
    if (Object.keys(figures).length > 0) this.figures = { ...this.figures, ...figures };
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
      forwardsBy: this.forwardsBy(),
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
      ...(this.figures ? { figures: this.figures } : {}),
    };
  }

  /** Forwards by role, of the roles that the run had. */
  private forwardsBy(): Metrics["forwardsBy"] {
    return Object.fromEntries(ROLES.filter((role) => this.total[role] > 0).map((role) => [role, this.total[role]]));
  }
}
