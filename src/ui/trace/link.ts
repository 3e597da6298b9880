import { fold, unfold } from "./folded.js";
import { packTrace, type PackedTrace, unpackTrace } from "./packed.js";
import { checkTrace } from "./read-trace.js";
import { type Trace, TraceError } from "./trace.js";
import { roundTo } from "./write-trace.js";

/** Most characters of a link's trace: longer links are cut by what sends or keeps them. */
export const MAX_LINK = 10_000;
/** Most bytes that a link's trace may unfold to. */
const MAX_UNFOLDED = 2_000_000;

/** A trace as letters, digits, `-` and `_` for a link; null where it is too long for one. Times are in whole milliseconds, other fractions have four digits. */
export async function toLink(trace: Trace): Promise<string | null> {
  const link = await fold(
    JSON.stringify(packTrace(JSON.parse(JSON.stringify(trace, roundTo({ msDigits: 0, digits: 4 }))))),
  );
  return link.length > MAX_LINK ? null : link;
}

/** The trace that a link holds. Throws `TraceError` where it holds none. */
export async function fromLink(link: string): Promise<Trace> {
  return checkTrace(unpackAll(await unfoldTrace(link)));
}

async function unfoldTrace(link: string): Promise<string> {
  try {
    return await unfold(link, MAX_UNFOLDED);
  } catch (error) {
    if (error instanceof RangeError)
      throw new TraceError("trace_too_large", "The link's trace is too large to be shown.");
    throw damaged();
  }
}

function unpackAll(text: string): unknown {
  try {
    return unpackTrace(JSON.parse(text) as PackedTrace);
  } catch (error) {
    throw error instanceof TraceError ? error : damaged();
  }
}

const damaged = () => new TraceError("trace_damaged", "The link's trace is cut off or damaged.");
