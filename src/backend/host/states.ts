import type { ForwardRequest } from "../../seam/forward.js";
import { type StateRef, stateOf } from "../../seam/row-input.js";
import { invariant } from "../../vocabulary/errors.js";
import type { Cell } from "./cell.js";
import type { HiddenRow } from "./part.js";

/** Hidden states that a session can read: those of its trunk, where it reads any, and its own. */
export interface ReadableStates {
  trunk: readonly HiddenRow[] | null;
  own: readonly HiddenRow[];
}

/** Throws where rows read a state each and their session reads none, or the other way round; or a state that isn't there. */
export function checkStates({ tokens, positions }: ForwardRequest, readable: ReadableStates, isEagle: boolean): void {
  for (const [i, input] of tokens.entries()) {
    const state = stateOf(input);
    const isRight = (state !== null) === (readable.trunk !== null);
    invariant(isRight, "rows of a head or mask sampler read a state each, and those of other sessions none");
    if (!state) continue;
    const { of, row } = state;
    const states = (of === "head" ? readable.own : readable.trunk) ?? [];
    const count = states.length;
    invariant(row >= 0 && row < count, `the ${of} has left ${count} hidden states, so none of row ${row}`);
    if (!isEagle) continue;
    const { position } = states[row].cell;
    const own = positions?.[i];
    invariant(own === position + 1, `a token at ${own} beside the state of ${position}, not the one before it`);
  }
}

/** What a mask row of the trunk saw, with this cell in place of its own. */
export function inPlaceOfMask(cell: Cell, { of, row }: StateRef, trunk: readonly HiddenRow[]): Cell[] {
  const hidden = trunk[row];
  invariant(of === "trunk" && hidden?.isMask, `row ${row} is no mask`);
  invariant(
    cell.position === hidden.cell.position,
    `a token at ${cell.position} for a mask at ${hidden.cell.position}`,
  );
  return [...hidden.seen.filter((other) => other !== hidden.cell), cell];
}
