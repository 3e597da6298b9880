/**
 * Room for the states of a session's kept rows, each of length 1 (`extension/states`): what the LM head reads of a row. They belong to
 * cache slots: what is cut, kept or overwritten is so with its state.
 */
export interface States {
  /** So many kept rows, from the first, have left their states; those behind were read by forwards that left none. */
  readonly length: number;
}
