import { endOf, type SetRows } from "../../vocabulary/prompt.js";
import type { Cell } from "./cell.js";

/** So many kept rows, `length` at most, that none of them saw one behind them, and no set is there in part. */
export function wholeBeginning(cells: readonly Cell[], sets: readonly SetRows[], length: number): number {
  // All that is kept saw nothing behind it.
  if (length >= cells.length) return cells.length;
  let end = length;
  for (;;) {
    const stale = cells.findIndex((cell, index) => index < end && cell.saw.some((other) => other.index >= end));
    const torn = sets.find((set) => set.start < end && endOf(set) > end);
    if (stale < 0 && !torn) return end;
    end = Math.min(stale < 0 ? end : stale, torn?.start ?? end);
  }
}
