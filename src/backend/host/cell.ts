import type { TokenId } from "../../vocabulary/events.js";
import type { Attend } from "../../seam/forward.js";

/** One row of a mock's cache or of its last forward. */
export interface Cell {
  token: TokenId;
  position: number;
  /** Cache slot. */
  index: number;
  /** What attention to this row carries: fixed when the row was computed, so it tells whether the row is stale. */
  key: number;
  /** The same of the law that is mixed into its model's, if one is. */
  mixedKey: number;
  /** Rows of its own forward that it saw. */
  saw: readonly Cell[];
  /** Where it has left one: its law stands for what a device's LM head reads. */
  state?: Float64Array;
}

/** Whether a row of a forward sees another one of it. */
export function isVisible(attend: Attend, flight: readonly Cell[], row: number, other: number): boolean {
  if (attend === "causal") return flight[other].index <= flight[row].index;
  if (attend === "full") return true;
  if ("block" in attend) return blockOf(flight[other], attend.block) <= blockOf(flight[row], attend.block);
  if ("rank" in attend) {
    if (other >= flight.length - (attend.queries ?? 0)) return false;
    const gap = attend.rank[row] - attend.rank[other];
    return attend.strict ? gap > 0 : gap >= 0;
  }
  if ("segments" in attend)
    return other <= row && segmentOf(attend.segments, row) === segmentOf(attend.segments, other);
  for (let ancestor = row; ancestor >= 0; ancestor = attend.parents[ancestor]) if (ancestor === other) return true;
  return false;
}

/** Whether a row of a forward sees one that was kept. */
export function isKeptVisible(attend: Attend, cell: Cell, row: number, kept: Cell): boolean {
  if (attend === "full" || (typeof attend === "object" && ("parents" in attend || "segments" in attend))) return true;
  if (attend === "causal") return kept.index <= cell.index;
  if ("block" in attend) return blockOf(kept, attend.block) <= blockOf(cell, attend.block);
  const gap = attend.rank[row] - kept.position;
  return attend.strict ? gap > 0 : gap >= 0;
}

/** Which segment a row belongs to: the segments' rows stand one behind the other. */
export function segmentOf(lengths: readonly number[], row: number): number {
  let end = 0;
  return lengths.findIndex((length) => {
    end += length;
    return row < end;
  });
}

/** Where each row of a forward stands beside the first, in positions. */
export function depthsOf(attend: Attend, numRows: number): number[] {
  const depths: number[] = [];
  for (let row = 0; row < numRows; row++) {
    if (typeof attend === "object" && "parents" in attend) {
      const parent = attend.parents[row];
      depths[row] = parent < 0 ? 0 : depths[parent] + 1;
    } else if (typeof attend === "object" && "segments" in attend) {
      const isFirst = row === 0 || segmentOf(attend.segments, row) !== segmentOf(attend.segments, row - 1);
      depths[row] = isFirst ? 0 : depths[row - 1] + 1;
    } else depths[row] = row;
  }
  return depths;
}

function blockOf({ index }: Cell, block: number): number {
  return Math.floor(index / block);
}
