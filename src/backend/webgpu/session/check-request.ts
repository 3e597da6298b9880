import { InvalidOptionError, invariant } from "../../../vocabulary/errors.js";
import type { ForwardRequest } from "../../../seam/forward.js";
import { MAX_MASK_ROWS } from "../../../seam/mask-rows.js";
import type { Adapter } from "../plan/adapter.js";
import { tokenWord } from "./forward-inputs.js";
import type { KeptRows } from "./kept-rows.js";
import type { Sequence } from "./sequence.js";

/** Throws for a request that doesn't fit the model, an adapter of its, or what is kept; nothing was enqueued then. */
export function checkRequest(
  request: ForwardRequest,
  sequence: Sequence,
  kept: KeptRows,
  adapter: Adapter | null,
): void {
  const { tokens, keep } = request;
  const { capabilities, numPositions } = sequence.model;
  const context = capabilities.maxLength;
  invariant(tokens.length > 0, "a forward needs at least one row");
  invariant(keep >= 0 && keep <= tokens.length, `keep ${keep} of ${tokens.length} rows`);
  checkPlaces(request, kept.min, numPositions);
  checkMasks(request, adapter);
  for (const i of tokens.keys()) tokenWord(sequence, request, i);
  if (!request.slots && kept.max + tokens.length > context) {
    throw new InvalidOptionError(
      `${kept.max} kept and ${tokens.length} new tokens don't fit the context of ${context}. Shorten the prompt.`,
      "context_exceeded",
    );
  }
}

/** Throws where rows read a state each and their session reads none, or the other way round; or leave states that nothing reads. */
export function checkStates(request: ForwardRequest, reads: boolean, leaves: boolean): void {
  const numRead = request.features?.length ?? 0;
  invariant(numRead === (reads ? request.tokens.length : 0), "a head's rows have a feature each");
  invariant(
    !request.hidden || leaves,
    "hidden states are kept for a session that reads them; ask for that one first",
  );
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

/** Masks are rows that no other row sees, and that aren't kept. */
function checkMasks({ tokens, masks = 0, keep, attend }: ForwardRequest, adapter: Adapter | null): void {
  if (masks === 0) return;
  invariant(adapter, "this model was loaded without an adapter");
  invariant(masks <= MAX_MASK_ROWS, `${masks} mask rows of at most ${MAX_MASK_ROWS}`);
  const first = tokens.length - masks;
  invariant(masks > 0 && first >= keep, `${masks} mask rows behind ${keep} kept ones, of ${tokens.length}`);
  const isOrdered = attend === "causal" || (typeof attend === "object" && "parents" in attend);
  invariant(isOrdered, "masks are the last rows of a chain or a tree, which no other row sees");
  const bad = tokens.slice(first).find((mask) => typeof mask !== "number" || mask < 0 || mask >= adapter.numMasks);
  invariant(bad === undefined, `mask ${String(bad)} of ${adapter.numMasks}`);
}
