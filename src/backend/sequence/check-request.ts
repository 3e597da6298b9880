import { InvalidOptionError, invariant } from "../../vocabulary/errors.js";
import type { ForwardRequest } from "../../seam/forward.js";
import { MAX_MASK_ROWS } from "../../seam/mask-rows.js";
import { countMasks, maskOf, stateOf } from "../../seam/row-input.js";
import { checkSegments } from "../../seam/segments.js";
import type { KeptRows } from "./kept-rows.js";

/** What a request has to fit of a model. */
export interface Fit {
  /** Longest sequence, in tokens. */
  maxLength: number;
  /** Of a learned table; null where positions are rotated or there are as many as wanted. */
  numPositions: number | null;
  /** Mask tokens of the adapter that it was loaded with; null without one. */
  numMasks: number | null;
}

/** Throws for a request that doesn't fit the model, an adapter of its, or what is kept. Tokens and states are the backend's to check. */
export function checkRequest(
  request: ForwardRequest,
  { maxLength, numPositions, numMasks }: Fit,
  kept: KeptRows,
): void {
  const { tokens, keep } = request;
  invariant(tokens.length > 0, "a forward needs at least one row");
  invariant(keep >= 0 && keep <= tokens.length, `keep ${keep} of ${tokens.length} rows`);
  checkPlaces(request, kept.min, numPositions);
  checkSegments(request, kept.sets, kept.known() !== null);
  checkMasks(request, numMasks);
  if (!request.slots && kept.max + tokens.length > maxLength) {
    throw new InvalidOptionError(
      `${kept.max} kept and ${tokens.length} new tokens don't fit the context of ${maxLength}. Shorten the prompt.`,
      "context_exceeded",
    );
  }
}

/** Throws where rows read a state each and their session reads none, or the other way round; or leave states that nothing reads. */
export function checkStates(request: ForwardRequest, reads: boolean, leaves: boolean): void {
  const { tokens } = request;
  for (let row = 0; row < tokens.length; row++) {
    const isRight = (stateOf(tokens[row]) !== null) === reads;
    invariant(isRight, "rows of a head or mask sampler read a state each, and those of other sessions none");
  }
  invariant(!request.hidden || leaves, "hidden states are kept for a session that reads them; ask for that one first");
}

/**
 * Refuses positions and slots that don't fit the rows or a cache of `length` rows, and positions beyond a learned table of
 * `numPositions`.
 */
function checkPlaces(
  { tokens, positions, slots, keep }: ForwardRequest,
  length: number,
  numPositions: number | null,
): void {
  invariant(
    !positions || positions.length === tokens.length,
    `${positions?.length} positions for ${tokens.length} rows`,
  );
  const beyond = numPositions === null ? undefined : positions?.find((position) => position >= numPositions);
  if (beyond !== undefined) {
    throw new InvalidOptionError(
      `Position ${beyond} is beyond this model's table of ${numPositions} learned positions: shorten the text.`,
      "context_exceeded",
    );
  }
  if (!slots) return;
  invariant(keep === 0, "rows that overwrite slots can't be kept");
  invariant(slots.length === tokens.length, `${slots.length} slots for ${tokens.length} rows`);
  const bad = slots.find(
    (slot, i) => !(Number.isInteger(slot) && slot >= 0 && slot < length) || slots.indexOf(slot) < i,
  );
  invariant(bad === undefined, `slot ${bad} can't be overwritten: slots are different ones of 0 to ${length - 1}`);
}

/** Masks are the last rows, which no other row sees and none keeps. */
function checkMasks({ tokens, keep, attend }: ForwardRequest, numMasks: number | null): void {
  const masks = countMasks(tokens);
  const first = tokens.length - masks;
  for (let row = 0; row < first; row++) {
    invariant(
      maskOf(tokens[row]) === null,
      `row ${row} is a mask before row ${first - 1}, a token: masks are the last rows`,
    );
  }
  if (masks === 0) return;
  invariant(numMasks !== null, "this model was loaded without an adapter");
  invariant(masks <= MAX_MASK_ROWS, `${masks} mask rows of at most ${MAX_MASK_ROWS}`);
  invariant(first >= keep, `${masks} mask rows behind ${keep} kept ones, of ${tokens.length}`);
  const isOrdered = attend === "causal" || (typeof attend === "object" && "parents" in attend);
  invariant(isOrdered, "masks are the last rows of a chain or a tree, which no other row sees");
  for (let row = first; row < tokens.length; row++) {
    const mask = maskOf(tokens[row]) ?? -1;
    invariant(Number.isInteger(mask) && mask >= 0 && mask < numMasks, `mask ${mask} of ${numMasks}`);
  }
}
