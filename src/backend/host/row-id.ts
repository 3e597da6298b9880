import { maskOf, type RowInput, tokenOf } from "../../seam/row-input.js";
import { InvalidOptionError, invariant } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import { MockPending } from "./pending.js";

/** The token that a row reads; masks come behind the vocabulary. */
export function idOf(input: RowInput, vocabSize: number): TokenId {
  let id = tokenOf(input);
  if (id === null) return vocabSize + (maskOf(input) ?? 0);
  if (typeof id !== "number") {
    invariant(id.pending instanceof MockPending, "a token reference of another device");
    id = id.pending.resolve(id.word);
  }
  if (!Number.isInteger(id) || id < 0 || id >= vocabSize) {
    throw new InvalidOptionError(`token id ${id} of ${vocabSize}`);
  }
  return id;
}
