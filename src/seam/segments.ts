import { invariant } from "../vocabulary/errors.js";
import { endOf, type SetRows } from "../vocabulary/prompt.js";
import type { ForwardRequest } from "./forward.js";
import { tokenOf } from "./row-input.js";

/** How far positions behind these sets are below their slots: a set takes as many positions as its longest segment has rows. */
export function lagOf(sets: readonly SetRows[]): number {
  return sets.reduce((sum, set) => sum + endOf(set) - set.start - Math.max(...set.lengths), 0);
}

/** The slot from which on two sequences of the same tokens are read differently, for their sets; none: infinite. */
export function firstDifference(one: readonly SetRows[], other: readonly SetRows[]): number {
  for (let i = 0; i < Math.max(one.length, other.length); i++) {
    const [a, b] = [one[i], other[i]];
    if (a && b && a.start === b.start && a.lengths.join() === b.lengths.join()) continue;
    return Math.min(a?.start ?? Number.POSITIVE_INFINITY, b?.start ?? Number.POSITIVE_INFINITY);
  }
  return Number.POSITIVE_INFINITY;
}

/** The lengths of the segments that a forward's rows are; null where they are none. */
export function segmentsOf({ attend }: ForwardRequest): readonly number[] | null {
  return typeof attend === "object" && "segments" in attend ? attend.segments : null;
}

/**
 * Refuses segments that aren't all of a forward's rows, that aren't all kept, or behind a length that isn't known; and, in a sequence with sets, rows whose visibility
 * goes by slots or ranks, which say nothing of sets.
 */
export function checkSegments(request: ForwardRequest, sets: readonly SetRows[], isLengthKnown: boolean): void {
  const { attend, tokens, keep, positions, slots, hidden } = request;
  const lengths = segmentsOf(request);
  if (!lengths) {
    if (sets.length === 0) return;
    const isOrdered = attend === "causal" || (typeof attend === "object" && "parents" in attend);
    return invariant(isOrdered && !slots, "what stands behind a set is read causally or as a tree");
  }
  invariant(
    lengths.length > 0 && lengths.every((length) => Number.isInteger(length) && length > 0),
    `segments of ${lengths} rows`,
  );
  const numRows = lengths.reduce((sum, length) => sum + length, 0);
  invariant(numRows === tokens.length, `segments of ${numRows} rows in a forward of ${tokens.length}`);
  invariant(keep === numRows, `${keep} of ${numRows} rows of segments are to be kept, not all`);
  invariant(isLengthKnown, "a set can only be read while the session's length is known");
  const isPlain = !positions && !slots && !hidden && tokens.every((input) => tokenOf(input) === input);
  invariant(isPlain, "segments are rows of tokens and nothing else");
}
