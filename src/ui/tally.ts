import type { DoneEvent, FigureInfo, Metrics } from "../vocabulary/events.js";
import * as figures from "../vocabulary/figures.js";
import type { Seen } from "./run-view.js";

/** The figures of one pane while it writes: counted from its events, replaced by the run's own metrics at `done`. */
export class Tally {
  tokens = 0;
  steps = 0;
  forwards = 0;
  draftForwards = 0;
  proposed = 0;
  accepted = 0;
  /** Time in which the run held the device. */
  ownMs = 0;
  /** Wall time from the start of the run. */
  firstTokenMs: number | null = null;
  /** What the decoder reports of the text, by name, and as it last was. */
  reports: Readonly<Record<string, FigureInfo>> = {};
  figures: Readonly<Record<string, number>> = {};
  private metrics: Metrics | null = null;
  /** After the first step that wrote, by the run's own time. */
  private firstStep: figures.Moment | null = null;

  /** Counts one event. */
  add({ event, changes }: Seen): void {
    if (event.type === "done") return this.settle(event);
    for (const { move } of changes) {
      switch (move) {
        case "append":
        case "unmask":
          this.tokens++;
          break;
        case "accept":
          this.tokens++;
          this.accepted++;
          break;
        case "draft":
          this.proposed++;
          break;
        case "backspace":
        case "remask":
          this.tokens--;
          break;
      }
    }
    if (event.type === "start") this.reports = event.figures ?? {};
    if (event.type !== "step") return;
    if (event.figures) this.figures = { ...this.figures, ...event.figures };
    this.steps++;
    this.forwards += event.forwards;
    this.draftForwards += event.draftForwards;
    this.ownMs = event.ownMs;
    if (this.tokens === 0) return;
    this.firstTokenMs ??= event.elapsedMs;
    this.firstStep ??= { tokens: this.tokens, atMs: event.ownMs };
  }

  /** `null` before the first forward. */
  get tokensPerForward(): number | null {
    return figures.tokensPerForward(this.tokens, this.forwards);
  }

  /** `null` without drafts. */
  get acceptance(): number | null {
    return figures.acceptance(this.accepted, this.proposed);
  }

  /** `null` before the first step. */
  get commitsPerStep(): number | null {
    return figures.commitsPerStep(this.tokens, this.steps);
  }

  /** By the run's own time; `null` until a second step has written more, or the run has ended. */
  get tokensPerSecond(): number | null {
    if (this.metrics) return this.metrics.tokensPerSecond || null;
    if (this.firstStep === null || this.tokens <= this.firstStep.tokens) return null;
    return figures.tokensPerSecond(this.firstStep, { tokens: this.tokens, atMs: this.ownMs });
  }

  private settle({ metrics }: DoneEvent): void {
    this.metrics = metrics;
    this.tokens = metrics.tokens;
    this.steps = metrics.steps;
    this.forwards = metrics.forwards;
    this.draftForwards = metrics.draftForwards;
    this.proposed = metrics.proposed;
    this.accepted = metrics.accepted;
    this.ownMs = metrics.ownMs;
    this.figures = metrics.figures ?? {};
    if (metrics.tokens > 0) this.firstTokenMs = metrics.timeToFirstTokenMs;
  }
}
