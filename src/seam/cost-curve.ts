import { invariant } from "../vocabulary/errors.js";

/**
 * What forwards of several rows cost, in forwards of one row, for one model on one device: v(M). Plain data, so that it
 * can be sent, stored, and frozen before it steers anything.
 */
export interface CostCurve {
  /** Numbers of rows, ascending from 1. */
  rows: readonly number[];
  /** v of each of them; the first is 1. */
  ratio: readonly number[];
  /** So many of the first were measured; the others follow the line through the last two of those. */
  numMeasured: number;
  /** Milliseconds of a forward of one row. */
  forwardMs: number;
  /** Milliseconds that a result takes beyond its forward where nothing else is under way: waiting for it leaves the device idle so long. */
  waitMs: number;
}

/** The curve through costs by rows, as options and `start` events carry them; in any order. */
export function curveOf(costs: Readonly<Record<string, number>>): Pick<CostCurve, "rows" | "ratio"> {
  const rows = Object.keys(costs)
    .map(Number)
    .sort((a, b) => a - b);
  return { rows, ratio: rows.map((numRows) => costs[numRows]) };
}

/** v of any number of rows: on the line between its neighbours, and beyond the last on the line through the last two. */
export function costOfRows({ rows, ratio }: Pick<CostCurve, "rows" | "ratio">, numRows: number): number {
  invariant(numRows >= 1 && rows[0] === 1, `the cost of ${numRows} rows, by a curve from ${rows[0]}`);
  if (rows.length === 1) return ratio[0];
  const after = rows.findIndex((count) => count >= numRows);
  const right = after === -1 ? rows.length - 1 : Math.max(1, after);
  const slope = (ratio[right] - ratio[right - 1]) / (rows[right] - rows[right - 1]);
  // More rows are never less work, whatever noise says.
  const rise = after === -1 ? Math.max(0, slope) : slope;
  return ratio[right] + rise * (numRows - rows[right]);
}

/**
 * What drafting so many tokens costs by a run's options, of which `draft_cost` is that of one of the drafter's forwards: one each,
 * the first of them of two rows, since it reads what was accepted last; but for drafters that are asked to share forwards.
 */
export function draftingCost(
  { draft_steps, draft_cost }: Readonly<Record<string, unknown>>,
  curve: Pick<CostCurve, "rows" | "ratio">,
  numDrafts: number,
): number {
  if (numDrafts === 0) return 0;
  const forwards =
    typeof draft_steps === "number" ? Math.min(draft_steps, numDrafts) : numDrafts - 1 + costOfRows(curve, 2);
  return forwards * Number(draft_cost ?? 0);
}
