import * as v from "valibot";
import { checkRun } from "./check-run.js";
import { checkHead, parseTrace, quoted } from "./head.js";
import { traceSchema } from "./schema.js";
import { LIMITS, type Trace, TraceError } from "./trace.js";

/** The trace that a file's text or bytes hold. Throws `TraceError` that names the place where it is none. */
export function readTrace(file: string | Uint8Array): Trace {
  const size = file.length;
  if (size > LIMITS.bytes) {
    throw new TraceError("trace_too_large", `The trace has ${size} bytes; at most ${LIMITS.bytes} are read.`);
  }
  const text = typeof file === "string" ? file : textOf(file);
  if (!/^\s*\{/.test(text.slice(0, 1000))) {
    throw new TraceError("trace_format", "This is no trace: a trace is JSON, and begins with {.");
  }
  return checkTrace(parseTrace(text));
}

/** The same of what JSON holds: what no trace has is left out. */
export function checkTrace(value: unknown): Trace {
  checkHead(value);
  const read = v.safeParse(traceSchema, value, { abortEarly: true });
  if (!read.success) throw new TraceError("trace_invalid", faultWords(read.issues[0]));
  for (const [i, { events }] of read.output.panes.entries()) checkRun(events, `panes[${i}].events`);
  return read.output;
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new TraceError("trace_format", "This is no trace: a trace is JSON in UTF-8, and these bytes aren't.");
  }
}

/** Where a value isn't what it has to be, and what that is. */
function faultWords(issue: v.BaseIssue<unknown>): string {
  const keys = (issue.path ?? []).map(({ key }) => (typeof key === "number" ? `[${key}]` : `.${quoted(String(key))}`));
  const place = keys.join("").replace(/^\./, "") || "The trace";
  const { expected, received } = issue;
  if (issue.type === "max_length" || issue.type === "min_length" || issue.type === "max_entries") {
    return `${place} has a length of ${received}; allowed is ${expected}.`;
  }
  if (received === "undefined") return `${place} is missing.`;
  return `${place} is ${quoted(received)}, not ${expected ?? issue.message}.`;
}
