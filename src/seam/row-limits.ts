import { InvalidOptionError } from "../vocabulary/errors.js";
import type { ForwardRequest } from "./forward.js";
import { tokenOf } from "./row-input.js";
import { segmentsOf } from "./segments.js";

/** Rows of one forward at most; longer causal prompts are cut in pieces. What is read whole has none but the context. */
const MAX_ROWS = 512;

/** Rows that one selection takes at most. */
export const MAX_SELECT_ROWS = 65;

/** Rows that a model takes in one forward. */
export function mostRows(
  { bidirectional, blockLengths }: { bidirectional: boolean; blockLengths: readonly number[] },
  context: number,
): number {
  return bidirectional && blockLengths.length === 0 ? context : Math.min(MAX_ROWS, context);
}

/** Throws `InvalidOptionError` for a forward of more rows than `maxRows`, unless it can be cut in pieces, as a causal prompt or a set. */
export function checkRows(request: ForwardRequest, maxRows: number): void {
  const { tokens, attend, keep, positions, slots, hidden } = request;
  if (tokens.length <= maxRows) return;
  const isPlain = !positions && !slots && !hidden && tokens.every((input) => tokenOf(input) === input);
  if (attend === "causal" && isPlain && keep >= tokens.length - 1) return;
  if (segmentsOf(request)) return;
  throw new InvalidOptionError(
    `${tokens.length} tokens are to be read in one forward, and this model reads at most ${maxRows} at once: shorten the text, or what is written at once.`,
    "too_many_rows",
  );
}

/** Throws `InvalidOptionError` for a selection of more rows than one takes. */
export function checkSelection(numRows: number): void {
  if (numRows <= MAX_SELECT_ROWS) return;
  throw new InvalidOptionError(
    `${numRows} positions are to be chosen for at once; at most ${MAX_SELECT_ROWS} may be: use shorter blocks, or fewer drafts.`,
    "too_many_rows",
  );
}
