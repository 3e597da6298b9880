import { packTrace, type PackedTrace, unpackTrace } from "./packed.js";
import { checkTrace } from "./read-trace.js";
import { type Trace, TraceError } from "./trace.js";
import { roundTo } from "./write-trace.js";

/** Most characters of a link's trace: longer links are cut by what sends or keeps them. */
export const MAX_LINK = 10_000;
/** Most bytes that a link's trace may unfold to, so that a small one can't fill the memory. */
const MAX_UNFOLDED = 2_000_000;

/** A trace as letters, digits, `-` and `_` for a link; null where it is too long for one. Times are in whole milliseconds, other fractions have four digits. */
export async function toLink(trace: Trace): Promise<string | null> {
  const text = JSON.stringify(packTrace(JSON.parse(JSON.stringify(trace, roundTo({ msDigits: 0, digits: 4 })))));
  const bytes = await joined(through(new TextEncoder().encode(text), new CompressionStream("deflate-raw")));
  const link = btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
  return link.length > MAX_LINK ? null : link;
}

/** The trace that a link holds. Throws `TraceError` where it holds none. */
export async function fromLink(link: string): Promise<Trace> {
  return checkTrace(await unfold(link));
}

async function unfold(link: string): Promise<unknown> {
  try {
    const folded = atob(link.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(folded, (character) => character.charCodeAt(0));
    const text = await joined(through(bytes, new DecompressionStream("deflate-raw")));
    return unpackTrace(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text)) as PackedTrace);
  } catch (error) {
    if (error instanceof TraceError) throw error;
    throw new TraceError("trace_damaged", "The link's trace is cut off or damaged.");
  }
}

function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): ReadableStream<Uint8Array> {
  return new Blob([bytes]).stream().pipeThrough(stream);
}

async function joined(stream: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the stream.
  for await (const part of stream) {
    size += part.length;
    if (size > MAX_UNFOLDED) throw new TraceError("trace_too_large", "The link's trace is too large to be shown.");
    parts.push(part as Uint8Array);
  }
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}
