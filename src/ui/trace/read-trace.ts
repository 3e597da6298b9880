import * as v from "valibot";
import { checkRun } from "./check-run.js";
import { traceSchema } from "./schema.js";
import { LIMITS, TRACE_FORMAT, TRACE_VERSION, type Trace, TraceError } from "./trace.js";

/** Most characters of what a trace holds, or of what an engine says of its text, that a message repeats. */
const MAX_QUOTED = 80;

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
  return checkTrace(parse(text));
}

/** The same of what JSON holds: what no trace has is left out. */
export function checkTrace(value: unknown): Trace {
  const { format, version } = v.parse(v.fallback(head, {}), value);
  if (format !== TRACE_FORMAT) {
    throw new TraceError("trace_format", `This is no trace: its format isn't "${TRACE_FORMAT}".`);
  }
  if (version !== TRACE_VERSION) throw new TraceError("trace_version", versionWords(version));
  const read = v.safeParse(traceSchema, value, { abortEarly: true });
  if (!read.success) throw new TraceError("trace_invalid", faultWords(read.issues[0]));
  for (const [i, { events }] of read.output.panes.entries()) checkRun(events, `panes[${i}].events`);
  return read.output;
}

const head = v.object({ format: v.optional(v.unknown()), version: v.optional(v.unknown()) });

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new TraceError("trace_format", "This is no trace: a trace is JSON in UTF-8, and these bytes aren't.");
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = short(error instanceof Error ? error.message : String(error));
    throw new TraceError("trace_damaged", `The trace is cut off or damaged: ${why}`);
  }
}

function versionWords(version: unknown): string {
  const isNewer = typeof version === "number" && Number.isInteger(version) && version > TRACE_VERSION;
  return isNewer
    ? `The trace was made by a newer Triptych: version ${version}; this reads ${TRACE_VERSION}.`
    : `The trace has no version that there ever was; this reads ${TRACE_VERSION}.`;
}

/** Where a value isn't what it has to be, and what that is. */
function faultWords(issue: v.BaseIssue<unknown>): string {
  const keys = (issue.path ?? []).map(({ key }) => (typeof key === "number" ? `[${key}]` : `.${short(String(key))}`));
  const place = keys.join("").replace(/^\./, "") || "The trace";
  const { expected, received } = issue;
  if (issue.type === "max_length" || issue.type === "min_length" || issue.type === "max_entries") {
    return `${place} has a length of ${received}; allowed is ${expected}.`;
  }
  if (received === "undefined") return `${place} is missing.`;
  return `${place} is ${short(received)}, not ${expected ?? issue.message}.`;
}

function short(text: string): string {
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
}
