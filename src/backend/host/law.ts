import type { Cell } from "./cell.js";

/** What a mock model computes: a key for each row when it runs, and logits from what a row sees. */
export interface Law {
  key(cell: Cell, seen: readonly Cell[]): number;
  /** `seen` holds the row itself; `keys`: which of the rows' keys are this law's. The logits are the law's own, to be read only. */
  logits(cell: Cell, seen: readonly Cell[], keys?: "key" | "mixedKey"): Float64Array;
}
