import { TRACE_FORMAT, TRACE_VERSION, type Trace, type TracePane } from "./trace.js";

/** What a trace is made of, but what says that it is one. `date`: default now. */
export type TraceParts = Pick<Trace, "adapter" | "prompt" | "settings"> & {
  panes: readonly Pick<TracePane, "name" | "label" | "decoder" | "events">[];
  date?: string;
};

/** A trace of panes whose runs have ended or were stopped; those without a run are left out. */
export function traceOf({ date = new Date().toISOString(), adapter, prompt, settings, panes }: TraceParts): Trace {
  return {
    format: TRACE_FORMAT,
    version: TRACE_VERSION,
    date,
    adapter,
    prompt,
    settings,
    panes: panes
      .filter(({ events }) => events.length > 0)
      .map(({ name, label, decoder, events }) => ({ name, label, decoder, events: [...events] })),
  };
}

/** Digits that fractions keep: no figure is shown with more. */
const DIGITS = 6;
const MS_DIGITS = 2;

/** A trace as the text of a file: times to a hundredth of a millisecond, other fractions to six digits. */
export function writeTrace(trace: Trace): string {
  return `${JSON.stringify(trace, rounded)}\n`;
}

function rounded(name: string, value: unknown): unknown {
  if (typeof value !== "number" || Number.isInteger(value)) return value;
  // JSON has no such numbers: as null they would be refused.
  if (!Number.isFinite(value)) return undefined;
  return Number(name.endsWith("Ms") ? value.toFixed(MS_DIGITS) : value.toPrecision(DIGITS));
}
