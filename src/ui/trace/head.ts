import { TRACE_FORMAT, TRACE_VERSION, TraceError } from "./trace.js";

/** Most characters of what a trace holds, or of what an engine says of its text, that a message repeats. */
const MAX_QUOTED = 80;

/** What the text of a trace holds. Throws `TraceError` where it is cut off or damaged. */
export function parseTrace(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = quoted(error instanceof Error ? error.message : String(error));
    throw new TraceError("trace_damaged", `The trace is cut off or damaged: ${why}`);
  }
}

/** Throws `TraceError` unless this says that it is a trace, of the version that is read here. */
export function checkHead(value: unknown): void {
  const { format, version } = Object(value) as { format?: unknown; version?: unknown };
  if (format !== TRACE_FORMAT) {
    throw new TraceError("trace_format", `This is no trace: its format isn't "${TRACE_FORMAT}".`);
  }
  if (version !== TRACE_VERSION) throw new TraceError("trace_version", versionWords(version));
}

/** As much of a text as a message repeats. */
export function quoted(text: string): string {
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
}

function versionWords(version: unknown): string {
  const isNewer = typeof version === "number" && Number.isInteger(version) && version > TRACE_VERSION;
  return isNewer
    ? `The trace was made by a newer Triptych: version ${version}; this reads ${TRACE_VERSION}.`
    : `The trace has no version that there ever was; this reads ${TRACE_VERSION}.`;
}
