import { invariant } from "../vocabulary/errors.js";
import type { ForwardRequest } from "./forward.js";
import { countMasks } from "./row-input.js";
import type { Kept } from "./session.js";

/** Whether what `Session.keep` is given lists rows. */
export function isPath(kept: Kept): kept is readonly number[] {
  return Array.isArray(kept);
}

/**
 * Throws `InvariantError` unless these scratch rows are a path behind a forward's kept rows, so that each is what it would be had the
 * path alone been read. `request`: the session's last forward; null once its scratch rows are gone.
 */
export function checkPath(rows: readonly number[], request: ForwardRequest | null): asserts request is ForwardRequest {
  invariant(request, "scratch rows can be kept right behind their forward only, once");
  const { tokens, attend, keep, slots } = request;
  invariant(!slots, "rows that overwrote slots can't be kept");
  const parents = typeof attend === "object" && "parents" in attend ? attend.parents : null;
  invariant(attend === "causal" || parents, "of scratch rows, those of a chain or a tree alone can be kept");
  const end = tokens.length - countMasks(tokens);
  let before = keep - 1;
  for (const row of rows) {
    invariant(
      Number.isInteger(row) && row >= keep && row < end,
      `row ${row} is none of scratch rows ${keep} to ${end - 1}`,
    );
    const parent = parents ? parents[row] : row - 1;
    invariant(parent === before, `row ${row} follows row ${parent}, so it can't be kept behind row ${before}`);
    before = row;
  }
}
