import { notFinite } from "../../seam/not-finite.js";
import type { Cell } from "./cell.js";

/** What a mock model computes: a key for each row when it runs, and logits from what a row sees. */
export interface Law {
  key(cell: Cell, seen: readonly Cell[]): number;
  /** `seen` holds the row itself; `keys`: which of the rows' keys are this law's. The logits are the law's own, to be read only. */
  logits(cell: Cell, seen: readonly Cell[], keys?: "key" | "mixedKey"): Float64Array;
}

/** What a law says of a row, whose tokens it may never give some of. Throws `NotFiniteError` where it says nothing. */
export function logitsBy(law: Law, cell: Cell, seen: readonly Cell[]): Float64Array {
  const logits = law.logits(cell, seen);
  for (let id = 0; id < logits.length; id++) {
    if (!(logits[id] < Number.POSITIVE_INFINITY)) throw notFinite("this model");
  }
  return logits;
}
