import type { TokenId } from "../vocabulary/events.js";
import type { Tokenizer } from "./tokenizer.js";
import { compareVocabularies, differenceOf } from "./vocabularies.js";

/** Takes text from one model's vocabulary to another's and back. */
export interface Retokenizer {
  /** What keeps one's ids from being the other's, in words; null where both have the same token for each id that both have. */
  difference(): string | null;
  /** The other model's ids of the text of `ids`, as a prompt; none where the text ends within a character. */
  toOther(ids: readonly TokenId[]): TokenId[];
  /**
   * What `more` adds to the text of `others`, in the ids that the first tokenizer would write behind `ids`. None where that
   * can't be told: where the text before changes, or where a token would reach over the end of `ids`.
   */
  toOwn(ids: readonly TokenId[], others: readonly TokenId[], more: readonly TokenId[]): TokenId[];
}

/** Tokens before the end of a text that are tokenised again with what comes behind: merges don't reach farther back. */
const WINDOW = 16;
/** What a text ends in that stops within a character. */
const CUT_CHARACTER = /\uFFFD+$/u;
const UTF8 = new TextEncoder();

/** By the text between two tokenizers ("universal assisted generation", arXiv 2502.05202 §2). */
export function retokenizerOf(own: Tokenizer, other: Tokenizer): Retokenizer {
  return {
    difference: () => differenceOf(compareVocabularies(own, other)) || null,
    toOther(ids) {
      const text = own.decode(ids);
      if (CUT_CHARACTER.test(text)) return [];
      const prompt = other.promptIds(text);
      // A text that goes on doesn't end yet.
      while (prompt.length > 1 && other.isSpecial(prompt[prompt.length - 1])) prompt.pop();
      return prompt;
    },
    toOwn(ids, others, more) {
      const before = other.decode(others);
      const whole = other.decode([...others, ...more]);
      if (!whole.startsWith(before)) return [];
      const added = whole.slice(before.length).replace(CUT_CHARACTER, "");
      if (added === "") return [];
      const known = own.decode(ids.slice(-WINDOW));
      const tokens = own.encode(known + added);
      // Some tokenizers change what they read, which would go on with another text.
      if (own.decode(tokens) !== known + added) return [];
      const start = tokensOf(own, tokens, UTF8.encode(known).length);
      return start === null ? [] : tokens.slice(start);
    },
  };
}

/** So many of the first tokens have this many bytes, those without any included; `null` if a token reaches over that. */
function tokensOf(tokenizer: Tokenizer, tokens: readonly TokenId[], byteLength: number): number | null {
  let numBytes = 0;
  for (const [i, token] of tokens.entries()) {
    const next = numBytes + (tokenizer.isSpecial(token) ? 0 : tokenizer.bytes(token, numBytes === 0).length);
    if (next > byteLength) return numBytes === byteLength ? i : null;
    numBytes = next;
  }
  return numBytes === byteLength ? tokens.length : null;
}
