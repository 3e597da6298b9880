import type { TokenId } from "../vocabulary/events.js";
import type { TokenRef } from "./pending.js";

/**
 * What a row of a forward reads: a token, perhaps one that only the device knows; a mask of the model's adapter, by its number
 * (`extension/mask-tokens`); or, in a session that reads another's states, a token and a state beside it.
 */
export type RowInput =
  | TokenId
  | TokenRef
  | { readonly mask: number }
  | { readonly token: TokenId | TokenRef; readonly state: StateRef };

/** A hidden state: of a row of the trunk's last forward with `hidden` (the session that a head belongs to), or of the head's own last one. */
export interface StateRef {
  readonly of: "trunk" | "head";
  readonly row: number;
}

/** A row's token; null of a mask. */
export function tokenOf(input: RowInput): TokenId | TokenRef | null {
  if (typeof input === "number" || "pending" in input) return input;
  return "state" in input ? input.token : null;
}

/** The state that a row reads; null where it reads none. */
export function stateOf(input: RowInput): StateRef | null {
  return typeof input === "object" && "state" in input ? input.state : null;
}

/** A row's mask; null of a token. */
export function maskOf(input: RowInput): number | null {
  return typeof input === "object" && "mask" in input ? input.mask : null;
}

/** How many of the last rows are masks. */
export function countMasks(tokens: readonly RowInput[]): number {
  let first = tokens.length;
  while (first > 0 && maskOf(tokens[first - 1]) !== null) first--;
  return tokens.length - first;
}
