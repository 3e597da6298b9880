import type { Capabilities } from "../../seam/capabilities.js";
import type { Attend, ForwardRequest } from "../../seam/forward.js";
import { countMasks, maskOf } from "../../seam/row-input.js";
import { checkRows, mostRows } from "../../seam/row-limits.js";
import { InvalidOptionError, invariant } from "../../vocabulary/errors.js";
import type { Cell } from "./cell.js";

/** Masks are the last rows, which no other row sees and none keeps. */
export function checkMasks({ tokens, keep, attend }: ForwardRequest, numMasks: number): void {
  const all = tokens.flatMap((input) => maskOf(input) ?? []);
  if (all.length === 0) return;
  const first = tokens.length - all.length;
  invariant(countMasks(tokens) === all.length, "masks are the last rows");
  invariant(first >= keep, `${all.length} mask rows behind ${keep} kept of ${tokens.length}`);
  const isOrdered = attend === "causal" || (typeof attend === "object" && "parents" in attend);
  invariant(isOrdered, "masks are the last rows of a chain or a tree, which no other row sees");
  const bad = all.find((mask) => !Number.isInteger(mask) || mask < 0 || mask >= numMasks);
  invariant(bad === undefined, `mask ${bad} of ${numMasks}`);
}

/** A forward has rows, keeps no more than these, and fits behind a sequence of so many. */
export function checkRoom(request: ForwardRequest, length: number, capabilities: Capabilities): void {
  const { tokens, slots, keep } = request;
  const { maxLength } = capabilities;
  const numRows = tokens.length;
  invariant(numRows > 0, "a forward needs at least one row");
  invariant(keep >= 0 && keep <= numRows, `keep ${keep} of ${numRows} rows`);
  invariant(!slots || keep === 0, "rows that overwrite slots can't be kept");
  if (!slots && length + numRows > maxLength)
    throw new InvalidOptionError(`${length} + ${numRows} rows don't fit ${maxLength}`);
  checkRows(request, mostRows(capabilities, maxLength));
}

/** Refuses to read as the model wasn't trained to, and ranks or parents that don't fit the rows. */
export function checkAttend(attend: Attend, numRows: number, capabilities: Capabilities): void {
  const { causal, bidirectional, blockLengths } = capabilities;
  if (attend === "causal") return invariant(causal, "this model doesn't read causally");
  if (attend === "full") return invariant(bidirectional, "this model doesn't read in both directions");
  if ("block" in attend) return invariant(blockLengths.includes(attend.block), `blocks of ${attend.block}`);
  if ("segments" in attend) return invariant(causal, "this model doesn't read causally");
  const list = "parents" in attend ? attend.parents : attend.rank;
  invariant(list.length === numRows, `${list.length} entries for ${numRows} rows`);
  if ("parents" in attend) {
    invariant(causal, "this model doesn't read causally");
    const isOrdered = attend.parents.every((parent, row) => parent >= -1 && parent < row);
    invariant(isOrdered, `parents ${attend.parents} don't all come before their rows`);
  }
}

/** The first `keep` rows of a flight are kept: they saw no other of it, and are a chain. */
export function checkKept(flight: readonly Cell[], { keep, attend }: ForwardRequest): void {
  const parents = typeof attend === "object" && "parents" in attend ? attend.parents : null;
  const kept = new Set(flight.slice(0, keep));
  for (const [row, { saw }] of flight.slice(0, keep).entries()) {
    const isWhole = saw.every((other) => kept.has(other));
    invariant(isWhole, `row ${row} saw a row that isn't kept, so it can't be kept`);
    const isChained = !parents || parents[row] === row - 1;
    invariant(isChained, `row ${row} of a tree isn't on the first chain, so it can't be kept`);
  }
}
