import { invariant } from "../vocabulary/errors.js";
import type { RowInput } from "./row-input.js";
import type { States } from "./states.js";

/**
 * Who sees whom. Row q sees key k iff `index[k] <= horizon[q]`.
 * `causal`: its own index. `block`: the end of its block, blocks aligned at absolute position 0. `full`: everything.
 * `parents`: all kept rows and its ancestors; -1 is the last kept token, other values index this forward's rows.
 * `rank`: explicit ranks for every row of this forward, kept rows have the rank of their position; `strict` means `<`
 * (a row with no visible key attends to nothing). The last `queries` rows are seen by none, themselves included: they ask, as
 * the query stream of two-stream attention does.
 * `segments`: the rows are segments of these lengths, one behind the other: a set. A row sees all kept rows and those of its own
 * segment up to itself. All segments begin at the same position; what comes behind the set begins behind the longest, and sees all.
 */
export type Attend =
  | "causal"
  | "full"
  | { block: number }
  | { parents: readonly number[] }
  | { segments: readonly number[] }
  | { rank: readonly number[]; strict?: boolean; queries?: number };

/** One forward: `tokens.length` rows behind the kept ones. */
export interface ForwardRequest {
  /** What each row reads. Masks come last: no other row may see one, and none is kept. */
  tokens: readonly RowInput[];
  /** Rotary positions; default: the row's cache slot (tree rows: prefix length + depth), less what sets before it have taken too much. */
  positions?: readonly number[];
  /** Overwrite these cache slots without moving the length (dual and delayed caches). `keep` must be 0. */
  slots?: readonly number[];
  attend: Attend;
  /** Rows that need logits; default "all". */
  rows?: "all" | "last" | readonly number[];
  /** Keep the rows' hidden states, behind the last norm, for the head's next forward. */
  hidden?: boolean;
  /** Room that the rows leave their states in, each at its cache slot. */
  states?: States;
  /** The first `keep` rows join the sequence; the rest is scratch that no later forward sees. */
  keep: number;
}

/** Parents by forward row of a tree whose rows in `list` branch; null for anything else. */
export function branchesOf(attend: Attend, list: readonly number[]): readonly number[] | null {
  if (typeof attend === "string" || !("parents" in attend)) return null;
  const { parents } = attend;
  return list.every((row, i) => i === 0 || parents[row] === list[i - 1]) ? null : parents;
}

/** A forward's rows that need logits. Throws `InvariantError` for one that it hasn't. */
export function listOf({ tokens, rows = "all" }: Pick<ForwardRequest, "tokens" | "rows">): number[] {
  const { length } = tokens;
  const list = rows === "all" ? tokens.map((_, row) => row) : rows === "last" ? [length - 1] : [...rows];
  invariant(
    list.every((row) => row >= 0 && row < length),
    `logit rows ${list} of ${length} rows`,
  );
  return list;
}
