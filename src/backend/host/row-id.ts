import { maskOf, type RowInput, tokenOf } from "../../seam/row-input.js";
import { InvalidOptionError, invariant } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import { HostResult, workedOut } from "./pending.js";

/** The token that a row reads; masks come behind the vocabulary. */
export function idOf(input: RowInput, vocabSize: number): TokenId {
  let id = tokenOf(input);
  if (id === null) return vocabSize + (maskOf(input) ?? 0);
  if (typeof id !== "number") {
    id = workedOut(id.pending, "a token reference is").resolve(id.word);
  }
  if (!Number.isInteger(id) || id < 0 || id >= vocabSize) {
    throw new InvalidOptionError(`token id ${id} of ${vocabSize}`);
  }
  return id;
}

/** Throws for a token that isn't of the vocabulary, and for a reference that isn't of this backend; a reference may not be worked out yet. */
export function checkToken(input: RowInput, vocabSize: number): void {
  const token = tokenOf(input);
  if (typeof token === "number") {
    if (Number.isInteger(token) && token >= 0 && token < vocabSize) return;
    throw new InvalidOptionError(`token id ${token} is outside the vocabulary of ${vocabSize} ids`, "bad_token");
  }
  invariant(token === null || token.pending instanceof HostResult, "a token reference of another device");
}
