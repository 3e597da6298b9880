import type { DoneEvent, GenerationEvent, Metrics, SlotId, SlotState } from "../events.js";
import { transitionOf } from "./transition.js";

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
  private metrics: Metrics | null = null;
  private firstTokenOwnMs: number | null = null;
  private readonly states = new Map<SlotId, SlotState>();

  /** Counts one event. */
  add(event: GenerationEvent): void {
    if (event.type === "error") return;
    if (event.type === "done") return this.settle(event);
    for (const edit of event.edits) {
      switch (transitionOf(this.states.get(edit.slot) ?? null, edit)) {
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
      if (edit.op === "delete") this.states.delete(edit.slot);
      else this.states.set(edit.slot, edit.state);
    }
    if (event.type === "start") return;
    this.steps++;
    this.forwards += event.forwards;
    this.draftForwards += event.draftForwards;
    this.ownMs = event.ownMs;
    if (this.tokens === 0) return;
    this.firstTokenMs ??= event.elapsedMs;
    this.firstTokenOwnMs ??= event.ownMs;
  }

  /** Tokens kept per main-model forward; `null` before the first. */
  get tokensPerForward(): number | null {
    return this.forwards > 0 ? this.tokens / this.forwards : null;
  }

  /** Share of proposed drafts that were accepted; `null` without drafts. */
  get acceptance(): number | null {
    return this.proposed > 0 ? this.accepted / this.proposed : null;
  }

  /** Tokens committed per step; `null` before the first. */
  get commitsPerStep(): number | null {
    return this.steps > 0 ? this.tokens / this.steps : null;
  }

  /** Tokens per second after the first, by the run's own time. */
  get tokensPerSecond(): number | null {
    if (this.metrics) return this.metrics.tokensPerSecond || null;
    if (this.firstTokenOwnMs === null || this.tokens < 2) return null;
    const decodeMs = this.ownMs - this.firstTokenOwnMs;
    return decodeMs > 0 ? ((this.tokens - 1) * 1000) / decodeMs : null;
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
    if (metrics.tokens > 0) this.firstTokenMs = metrics.timeToFirstTokenMs;
  }
}
