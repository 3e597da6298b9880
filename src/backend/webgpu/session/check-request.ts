import { InvalidOptionError, invariant } from "../../../vocabulary/errors.js";
import type { ForwardRequest } from "../../../seam/forward.js";
import { MAX_MASK_ROWS } from "../../../seam/mask-rows.js";
import { countMasks, maskOf, stateOf } from "../../../seam/row-input.js";
import { checkSegments, segmentsOf } from "../../../seam/segments.js";
import type { Adapter } from "../plan/adapter.js";
import { checkPaths, tokenWord } from "./forward-inputs.js";
import type { KeptRows } from "./kept-rows.js";
import type { Sequence } from "./sequence.js";
import { StateStore } from "./state-store.js";

/** Throws for a request that doesn't fit the model, an adapter of its, or what is kept; nothing was enqueued then. */
export function checkRequest(
  request: ForwardRequest,
  sequence: Sequence,
  kept: KeptRows,
  adapter: Adapter | null,
): void {
  const { tokens, keep, states } = request;
  const { capabilities, numPositions } = sequence.model;
  const context = capabilities.maxLength;
  invariant(tokens.length > 0, "a forward needs at least one row");
  invariant(keep >= 0 && keep <= tokens.length, `keep ${keep} of ${tokens.length} rows`);
  checkPlaces(request, kept.min, numPositions);
  checkSegments(request, kept.sets, kept.known() !== null);
  const lengths = segmentsOf(request);
  if (lengths) checkPaths(sequence, lengths);
  checkMasks(request, adapter);
  invariant(!states || (states instanceof StateStore && states.isOf(sequence)), "these states are another session's");
  for (let row = 0; row < tokens.length; row++) tokenWord(sequence, tokens[row]);
  if (!request.slots && kept.max + tokens.length > context) {
    throw new InvalidOptionError(
      `${kept.max} kept and ${tokens.length} new tokens don't fit the context of ${context}. Shorten the prompt.`,
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
function checkMasks({ tokens, keep, attend }: ForwardRequest, adapter: Adapter | null): void {
  const masks = countMasks(tokens);
  const first = tokens.length - masks;
  for (let row = 0; row < first; row++) {
    invariant(
      maskOf(tokens[row]) === null,
      `row ${row} is a mask before row ${first - 1}, a token: masks are the last rows`,
    );
  }
  if (masks === 0) return;
  invariant(adapter, "this model was loaded without an adapter");
  invariant(masks <= MAX_MASK_ROWS, `${masks} mask rows of at most ${MAX_MASK_ROWS}`);
  invariant(first >= keep, `${masks} mask rows behind ${keep} kept ones, of ${tokens.length}`);
  const isOrdered = attend === "causal" || (typeof attend === "object" && "parents" in attend);
  invariant(isOrdered, "masks are the last rows of a chain or a tree, which no other row sees");
  for (let row = first; row < tokens.length; row++) {
    const mask = maskOf(tokens[row]) ?? -1;
    invariant(Number.isInteger(mask) && mask >= 0 && mask < adapter.numMasks, `mask ${mask} of ${adapter.numMasks}`);
  }
}
