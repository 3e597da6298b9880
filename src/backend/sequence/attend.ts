import { InvariantError, invariant } from "../../vocabulary/errors.js";
import type { Attend } from "../../seam/forward.js";

/** An index past every horizon. */
const NOBODY = 0xfffffffe;

/** How a row's visibility is told: segments are paths, as parents are. */
export type VisibilityMode = "causal" | "full" | "block" | "parents" | "rank";

/** An `Attend` worked out for the rows of one forward. */
export interface Visibility {
  mode: VisibilityMode;
  block: number;
  /** Rows of the tree or set that earlier passes of it have kept. */
  numBefore: number;
  /**
   * What each row sees beside the rows kept before its tree or set: the first `depth + 1` rows of a list, itself last. Rows of one segment
   * share their list. Null unless a tree or segments.
   */
  paths: { list: readonly number[]; depth: number }[] | null;
  /** Index and horizon of each row; null unless explicit ranks. */
  ranks: { index: number; horizon: number }[] | null;
}

/** Works out visibility and checks shapes. Throws `InvariantError` on a bad request. `from`: of a set, rows that earlier passes have kept. */
export function resolveAttend(attend: Attend, numRows: number, from = 0): Visibility {
  const plain = { block: 1, numBefore: from, paths: null, ranks: null };
  if (attend === "causal") return { ...plain, mode: "causal" };
  if (attend === "full") return { ...plain, mode: "full" };
  if ("block" in attend) {
    invariant(
      Number.isInteger(attend.block) && attend.block > 0,
      `block length ${attend.block} is not a positive integer`,
    );
    return { ...plain, mode: "block", block: attend.block };
  }
  if ("parents" in attend) {
    invariant(attend.parents.length === numRows, `${attend.parents.length} parents for ${numRows} rows`);
    const ancestors: number[][] = [];
    attend.parents.forEach((parent, row) => {
      invariant(
        Number.isInteger(parent) && parent >= -1 && parent < row,
        `row ${row} has parent ${parent}; parents come first`,
      );
      ancestors.push(parent < 0 ? [row] : [...ancestors[parent], row]);
    });
    return { ...plain, mode: "parents", paths: ancestors.map((list) => ({ list, depth: list.length - 1 })) };
  }
  if ("segments" in attend) return { ...plain, mode: "parents", paths: pathsOf(attend.segments, numRows, from) };
  invariant(attend.rank.length === numRows, `${attend.rank.length} ranks for ${numRows} rows`);
  const first = numRows - (attend.queries ?? 0);
  const ranks = attend.rank.map((rank, row) => ({
    index: row < first ? rank : NOBODY,
    horizon: rank - (attend.strict ? 1 : 0),
  }));
  return { ...plain, mode: "rank", ranks };
}

/** What the rows `from` … of a set see of it: their own segments' rows up to themselves. */
function pathsOf(lengths: readonly number[], numRows: number, from: number): Visibility["paths"] {
  const end = from + numRows;
  let start = 0;
  return lengths.flatMap((length) => {
    const [first, last] = [start, Math.min(start + length, end)];
    start += length;
    if (last <= from || first >= end) return [];
    const list = Array.from({ length: last - first }, (_, i) => first + i);
    return list.slice(Math.max(0, from - first)).map((row) => ({ list, depth: row - first }));
  });
}

/**
 * The last cache slot that each of the first `keep` rows sees beyond itself (its own slot when none), with rows from
 * `base` on. Throws when a kept row sees a row that isn't kept.
 */
export function keptHorizons(v: Visibility, numRows: number, keep: number, base: number | null): number[] | null {
  if (keep === 0 || v.mode === "causal") return null;
  const fail = (row: number, why: string): never => {
    throw new InvariantError(`row ${row} can't be kept: it sees ${why}, which is not kept`);
  };
  if (v.paths) {
    for (let row = 0; row < keep; row++) {
      const { list, depth } = v.paths[row];
      const outside = list.find((ancestor) => ancestor >= keep);
      if (outside !== undefined) fail(row, `row ${outside}`);
      if (depth !== row) fail(row, "not every row before it, so it would change once kept");
    }
    return null;
  }
  invariant(base !== null, "rows of this kind can only be kept while the session's length is known");
  const last = base + keep - 1;
  if (v.mode === "full") {
    if (keep < numRows) fail(0, `row ${keep}`);
    return Array.from({ length: keep }, () => last);
  }
  if (v.mode === "block") {
    return Array.from({ length: keep }, (_, row) => {
      const end = Math.min((Math.floor((base + row) / v.block) + 1) * v.block - 1, base + numRows - 1);
      if (end > last) fail(row, `row ${end - base}`);
      return end;
    });
  }
  const ranks = v.ranks ?? [];
  return Array.from({ length: keep }, (_, row) => {
    // Later rows see by position: a rank past the last kept position would hide the row from some of them.
    invariant(
      ranks[row].index <= last,
      `row ${row} can't be kept: its rank ${ranks[row].index} is past position ${last}`,
    );
    let end = row;
    for (let other = 0; other < numRows; other++) {
      if (ranks[other].index > ranks[row].horizon) continue;
      if (other >= keep) fail(row, `row ${other}`);
      end = Math.max(end, other);
    }
    return base + end;
  });
}
