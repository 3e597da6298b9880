/** What `tokenizer.ggml.token_type` says of a token. */
export const KIND = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/** A vocabulary as a file has it. */
export interface Vocabulary {
  tokens: readonly string[];
  kinds: ArrayLike<number>;
}
