import type { TokenId } from "../vocabulary/events.js";

/** What a stream needs to know of a tokenizer. */
export interface PieceBytes {
  bytes(id: TokenId, isFirst?: boolean): Uint8Array<ArrayBuffer>;
  isSpecial(id: TokenId): boolean;
}

/**
 * Turns ids into text as they come, never splitting a character: its text comes with the last of its tokens.
 * All pieces and the flush together equal `decode` of the ids, but for bytes by name (`<0xE2>`) in a row that aren't UTF-8: of those
 * Rust's decoder makes one U+FFFD each, even of what was a character until the last one came, which a stream can't take back.
 */
export class PieceStream {
  readonly #tokenizer: PieceBytes;
  readonly #skipSpecial: boolean;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #isFirst: boolean;

  /** `continues`: text stands in front, so a leading space of the first token stays. Special tokens are skipped by default. */
  constructor(tokenizer: PieceBytes, options: { continues?: boolean; skipSpecial?: boolean } = {}) {
    this.#tokenizer = tokenizer;
    this.#skipSpecial = options.skipSpecial ?? true;
    this.#isFirst = !options.continues;
  }

  /** The text that is complete with this token: often a word, sometimes nothing yet. */
  push(id: TokenId): string {
    if (this.#skipSpecial && this.#tokenizer.isSpecial(id)) return "";
    const bytes = this.#tokenizer.bytes(id, this.#isFirst);
    if (this.#tokenizer.bytes(id).length > 0) this.#isFirst = false;
    return this.#decoder.decode(bytes, { stream: true });
  }

  /** The rest: U+FFFD where the last character stayed incomplete, else nothing. The stream is then at its start, continuing. */
  flush(): string {
    return this.#decoder.decode();
  }
}
