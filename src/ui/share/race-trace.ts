import { toParameters, type Settings } from "../address.js";
import { shareWords } from "../words/share.js";
import { LIMITS, type Trace } from "../trace/trace.js";
import { traceOf } from "../trace/write-trace.js";
import type { ShareSources } from "./sources.js";

/** The trace of what a comparison shows. */
export function traceIn(sources: ShareSources): Trace {
  const { settings, panes } = sources;
  const { date, adapter } = whereOf(sources);
  return traceOf({ date, adapter, prompt: askedOf(sources), settings: settingsIn(settings), panes });
}

/** The prompt of what is shown. */
export function askedOf({ panes }: ShareSources): string {
  return panes.find(({ events }) => events.length > 0)?.asked ?? "";
}

/** What the page was set to, by the names that its address has. */
export function settingsIn(settings: Settings): Record<string, string> {
  return Object.fromEntries(toParameters({ ...settings, prompt: undefined }));
}

/** When and on what it was written. */
export function whereOf({ panes, recorded }: ShareSources): { date: string; adapter: string } {
  const devices = panes.flatMap(({ device }) => (device ? `${device.name}: ${device.description}` : []));
  const adapter = [...new Set(devices)].join("; ").slice(0, LIMITS.name) || shareWords.someDevice;
  return recorded ?? { adapter, date: new Date().toISOString() };
}
