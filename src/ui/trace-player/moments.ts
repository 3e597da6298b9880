import type { GenerationEvent } from "../../vocabulary/events.js";
import type { TracePane } from "../trace/trace.js";

/** A moment of a race: how much of each pane's run has been told by then. */
export interface Moment {
  /** Since the runs began, by the time in which each held its device. */
  atMs: number;
  /** By pane, how many of its events. */
  counts: readonly number[];
}

/** Every moment at which something happened in any of the panes, in order; the first has what each run starts with. */
export function momentsOf(panes: readonly Pick<TracePane, "events">[]): Moment[] {
  const times = panes.map(({ events }) => timesOf(events));
  const all = [...new Set(times.flat())].sort((a, b) => a - b);
  const counts = panes.map(() => 0);
  return all.map((atMs) => {
    for (const [i, own] of times.entries()) while (counts[i] < own.length && own[counts[i]] <= atMs) counts[i]++;
    return { atMs, counts: [...counts] };
  });
}

/** When each event of a run was told; its beginning is 0, and its end that of what came before. */
function timesOf(events: readonly GenerationEvent[]): number[] {
  let lastMs = 0;
  return events.map((event) => {
    if ("ownMs" in event) lastMs = event.ownMs;
    return lastMs;
  });
}
