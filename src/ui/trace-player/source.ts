import { checkTrace, readTrace } from "../trace/read-trace.js";
import { LIMITS, type Trace, TraceError } from "../trace/trace.js";

/** The trace of an address, of a text or of an object. Throws `TraceError`. */
export async function traceFrom(source: unknown, signal: AbortSignal): Promise<Trace> {
  if (typeof source !== "string") return checkTrace(source);
  return source.trimStart().startsWith("{") ? readTrace(source) : readTrace(await bytesAt(source, signal));
}

async function bytesAt(address: string, signal: AbortSignal): Promise<Uint8Array> {
  const missing = (why: string) => new TraceError("trace_missing", `There is no trace at ${address}: ${why}.`);
  if (!URL.canParse(address, document.baseURI)) throw missing("that is no address");
  const url = new URL(address, document.baseURI);
  const answer = await fetch(url, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw missing(error instanceof Error ? error.message : "the server can't be reached");
  });
  if (!answer.ok) throw missing(`the server answers ${answer.status}`);
  return await bytesOf(answer, signal);
}

async function bytesOf({ body }: Response, signal: AbortSignal): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  // Leaving the loop ends the download: one that is too large isn't waited for.
  for await (const part of body ?? []) {
    signal.throwIfAborted();
    parts.push(part);
    size += part.length;
    if (size > LIMITS.bytes) break;
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
