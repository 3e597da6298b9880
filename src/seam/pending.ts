/** A token that exists only on the device (or in a mock's result) so far: word `word` of `pending`'s record. */
export interface TokenRef {
  readonly pending: Pending<unknown>;
  readonly word: number;
}

/**
 * A result that is still on its way. Not a promise (no `then`), so that yielding one never awaits it.
 * Outlives its session's next forward.
 */
export interface Pending<T> {
  /** A device handle usable as an input of later forwards. Selected[]: row index; of lists of k a row: row · k + place; Unmasked: row index, of the token that the row has then, committed or as before; Verdict: "last" | "previous". */
  ref(pick: number | "last" | "previous"): TokenRef;
  /** The value, late. Calling it twice gives the same value. */
  read(): Promise<T>;
}
