import { ModelLoadError } from "../vocabulary/errors.js";
import type { GenerationEvent } from "../vocabulary/events.js";
import type { Pane } from "./pane.js";

/** Runs of every pane that were written somewhere else, as `npm run record` makes them. */
export interface Recording {
  date: string;
  /** What it was written on, in words. */
  adapter: string;
  prompt: string;
  panes: readonly { name: string; label: string; decoder: string; events: readonly GenerationEvent[] }[];
}

/** About how long the longest run of a recording is shown, so that the eye can follow it. */
const SHOWN_MS = 10_000;

/** The recording that an address answers with. Throws `ModelLoadError` that names it where there is none. */
export async function readRecording(address: string, asked: Promise<Response>): Promise<Recording> {
  const answer = await asked.catch(() => null);
  if (!answer?.ok) {
    throw new ModelLoadError(
      `There is no recorded run at ${address} (${answer?.status ?? "unreachable"}).`,
      "missing_file",
    );
  }
  return (await answer.json()) as Recording;
}

/** A recording that is shown in panes: all of them by one clock, so that who was first is first. */
export class Playback {
  /** Seconds that one second of the recorded runs takes. */
  readonly slowness: number;
  isPlaying = false;
  private hurried = new AbortController();

  constructor(readonly recording: Recording) {
    const longestMs = Math.max(1, ...recording.panes.map(({ events }) => lastMs(events)));
    this.slowness = Math.max(1, Math.round(SHOWN_MS / longestMs));
  }

  /** Plays it, or shows its end at once with `isStill`; resolves when all panes have ended. A pane that it has no run of is left empty. */
  async play(panes: readonly Pane[], isStill: boolean): Promise<void> {
    this.hurried = new AbortController();
    if (isStill) this.hurry();
    this.isPlaying = true;
    const startMs = performance.now();
    await Promise.all(
      panes.map((pane) => {
        const run = this.recording.panes.find(({ decoder }) => decoder === pane.decoder);
        if (!run) return pane.clear();
        return pane.playBack((signal) => this.inTime(run.events, startMs, signal), this.recording.prompt);
      }),
    );
    this.isPlaying = false;
  }

  /** Shows at once what is still to come. */
  hurry(): void {
    this.hurried.abort();
  }

  /** The events by the time in which their run held its device. Ends early when `signal` aborts. */
  private async *inTime(events: readonly GenerationEvent[], startMs: number, signal: AbortSignal) {
    for (const event of events) {
      const dueMs = "ownMs" in event ? startMs + event.ownMs * this.slowness : 0;
      if (!this.hurried.signal.aborted) await until(dueMs, AbortSignal.any([signal, this.hurried.signal]));
      if (signal.aborted) return;
      yield event;
    }
  }
}

function lastMs(events: readonly GenerationEvent[]): number {
  return events.reduce((last, event) => ("ownMs" in event ? event.ownMs : last), 0);
}

/** Resolves at that moment of `performance.now()`, or when `signal` aborts. */
function until(dueMs: number, signal: AbortSignal): Promise<void> | undefined {
  const waitMs = dueMs - performance.now();
  if (waitMs <= 0) return undefined;
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, waitMs);
    signal.addEventListener("abort", end);
  });
}
