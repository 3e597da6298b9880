import { TRACE_FORMAT, TRACE_VERSION, type Trace, type TracePane } from "./trace.js";

/** What a trace is made of, but what says that it is one. `date`: default now. */
export type TraceParts = Pick<Trace, "adapter" | "prompt" | "settings" | "board"> & {
  panes: readonly Pick<TracePane, "name" | "label" | "decoder" | "events">[];
  date?: string;
};

/** A trace of panes whose runs have ended or were stopped; those without a run are left out. */
export function traceOf({
  date = new Date().toISOString(),
  adapter,
  prompt,
  settings,
  panes,
  board,
}: TraceParts): Trace {
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
    ...(board && { board }),
  };
}

/** A trace as the text of a file: times to a hundredth of a millisecond, other fractions to six digits, since no figure is shown with more. */
export function writeTrace(trace: Trace): string {
  return `${JSON.stringify(trace, roundTo({ msDigits: 2, digits: 6 }))}\n`;
}

/** For `JSON.stringify`: times with so many digits behind the point, other fractions with so many in all. */
export function roundTo(to: { msDigits: number; digits: number }): (name: string, value: unknown) => unknown {
  return (name, value) => {
    if (typeof value !== "number" || Number.isInteger(value)) return value;
    // JSON has no such numbers: as null they would be refused.
    if (!Number.isFinite(value)) return undefined;
    return Number(name.endsWith("Ms") ? value.toFixed(to.msDigits) : value.toPrecision(to.digits));
  };
}
