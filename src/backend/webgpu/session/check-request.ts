import { invariant } from "../../../vocabulary/errors.js";
import type { ForwardRequest } from "../../../seam/forward.js";
import { segmentsOf } from "../../../seam/segments.js";
import { checkRequest } from "../../sequence/check-request.js";
import type { KeptRows } from "../../sequence/kept-rows.js";
import type { Adapter } from "../plan/adapter.js";
import { checkPaths, tokenWord } from "./forward-inputs.js";
import type { Sequence } from "./sequence.js";
import { StateStore } from "./state-store.js";

/** Throws for a request that doesn't fit the model, an adapter of its, what is kept, or the device's rings; nothing was enqueued then. */
export function checkOnDevice(
  request: ForwardRequest,
  sequence: Sequence,
  kept: KeptRows,
  adapter: Adapter | null,
): void {
  const { tokens, states } = request;
  const { capabilities, numPositions } = sequence.model;
  const { maxLength } = capabilities;
  checkRequest(request, { maxLength, numPositions, numMasks: adapter?.numMasks ?? null }, kept);
  const lengths = segmentsOf(request);
  if (lengths) checkPaths(sequence, lengths);
  invariant(!states || (states instanceof StateStore && states.isOf(sequence)), "these states are another session's");
  for (let row = 0; row < tokens.length; row++) tokenWord(sequence, tokens[row]);
}
