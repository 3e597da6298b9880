import { writeTrace } from "../trace/write-trace.js";
import { isKeeping, keepRace } from "./kept-races.js";
import { traceIn } from "./race-trace.js";
import { type Shared, sourcesOf } from "./sources.js";

/** Most characters of a prompt that a list shows. */
const MAX_PROMPT = 80;

/** Why the last race wasn't kept; null where it was. */
export let keepingFault: string | null = null;

/** Keeps the race that a comparison has just ended, unless a person wants none kept or nothing was written. Never rejects: `keepingFault` says why it isn't kept. */
export async function keepThis(shared: Shared): Promise<void> {
  const sources = sourcesOf(shared);
  const { panes } = sources;
  const isWritten = panes.some(({ outcome }) => outcome && "reason" in outcome && outcome.reason !== "cancelled");
  // The next race may have begun while this file was on its way.
  if (!isWritten || panes.some(({ isBusy }) => isBusy) || !isKeeping()) return;
  const trace = traceIn(sources);
  const told = panes.filter(({ events }) => events.length > 0);
  try {
    await keepRace({
      id: `${trace.date} ${Math.random().toString(36).slice(2)}`,
      date: trace.date,
      prompt: trace.prompt.slice(0, MAX_PROMPT),
      panes: told.map(({ label, tally: { tokens, forwards } }) => ({ label, tokens, forwards })),
      trace: new Blob([writeTrace(trace)], { type: "application/json" }),
    });
    keepingFault = null;
  } catch (error) {
    keepingFault = error instanceof Error ? error.message : String(error);
  }
}
