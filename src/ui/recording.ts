import { ModelLoadError } from "../vocabulary/errors.js";
import type { GenerationEvent } from "../vocabulary/events.js";
import type { Pane } from "./pane.js";

/** A run of every pane that was written somewhere else, as `npm run record` makes it. */
export interface Recording {
  date: string;
  /** What it was written on, in words. */
  adapter: string;
  prompt: string;
  /** Events by the pane's name, `start` first. */
  panes: Readonly<Record<string, readonly GenerationEvent[]>>;
}

/** The recording at an address. Throws `ModelLoadError` that names it where there is none. */
export async function readRecording(address: string): Promise<Recording> {
  const answer = await fetch(new URL(address, document.baseURI)).catch(() => null);
  if (!answer?.ok) {
    throw new ModelLoadError(
      `There is no recorded run at ${address} (${answer?.status ?? "unreachable"}).`,
      "missing_file",
    );
  }
  return (await answer.json()) as Recording;
}

/** Plays a recording in those of these panes that it has; resolves when all have ended. */
export async function playIn(panes: readonly Pane[], { panes: events, prompt }: Recording): Promise<void> {
  const recorded = panes.filter(({ name }) => name in events);
  await Promise.all(recorded.map((pane) => pane.playBack((signal) => inTime(events[pane.name], signal), prompt)));
}

/** Longest pause between two events of a recording, so that a slow machine's isn't sat out. */
const MAX_PAUSE_MS = 120;

/** The events in their own time, shortened; all at once where motion isn't wanted. Ends early when `signal` aborts. */
async function* inTime(
  events: readonly GenerationEvent[],
  signal: AbortSignal,
): AsyncGenerator<GenerationEvent, void, void> {
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let lastMs = 0;
  for (const event of events) {
    if (signal.aborted) return;
    if (event.type === "step" && !isStill) {
      const pauseMs = Math.min(MAX_PAUSE_MS, event.elapsedMs - lastMs);
      lastMs = event.elapsedMs;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    yield event;
  }
}
