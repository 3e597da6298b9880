import { WordPiece } from "@huggingface/tokenizers";
import type { TokenId } from "../vocabulary/events.js";
import type { VocabularyModel } from "./other-parts.js";
import { type Fields, textField, unsupported } from "./refusal.js";
import { byteTokens, unknownId, vocabularyOf } from "./vocabulary-models.js";

const UTF8 = new TextEncoder();

/** Models of other types than BPE; null for a type that isn't known. */
export function readOtherModel(type: string, fields: Fields): VocabularyModel | null {
  switch (type) {
    case "Unigram":
      return unigram(fields);
    case "WordPiece":
      return wordPiece(fields);
    case "WordLevel":
      return wordLevel(fields);
    default:
      return null;
  }
}

/** How far a character that is no token is below the worst of them. */
const UNKNOWN_PENALTY = 10;

/**
 * The tokens of a piece whose scores sum to the most, characters that are none as they stand: term by term as Rust's `tokenizers` sums
 * and compares, since the roundings of sums decide between paths of equal scores.
 */
function pathFinder(scores: ReadonlyMap<string, number>): (piece: string) => string[] {
  let longest = 1;
  let least = Number.POSITIVE_INFINITY;
  for (const [token, score] of scores) {
    longest = Math.max(longest, token.length);
    least = Math.min(least, score);
  }
  return (piece) => {
    /** By the place where it ends. */
    const best: ({ score: number; start: number } | undefined)[] = [{ score: 0, start: 0 }];
    const offer = (start: number, end: number, score: number) => {
      const old = best[end];
      if (!old || score > old.score) best[end] = { score, start };
    };
    for (let start = 0; start < piece.length; ) {
      const before = best[start]?.score ?? 0;
      const next = start + ((piece.codePointAt(start) ?? 0) > 0xffff ? 2 : 1);
      for (let end = start + 1; end <= Math.min(piece.length, start + longest); end++) {
        const score = scores.get(piece.slice(start, end));
        if (score !== undefined) offer(start, end, score + before);
      }
      if (!scores.has(piece.slice(start, next))) offer(start, next, least - UNKNOWN_PENALTY + before);
      start = next;
    }
    const tokens: string[] = [];
    for (let end = piece.length; end > 0; end = best[end]?.start ?? 0)
      tokens.unshift(piece.slice(best[end]?.start, end));
    return tokens;
  };
}

function unigram(fields: Fields): VocabularyModel {
  const vocabulary = vocabularyOf(fields);
  const { vocab, unk_id: unknown } = fields;
  if (!Array.isArray(vocab)) throw unsupported("Unigram whose vocabulary is no list");
  if (typeof unknown !== "number" || !Number.isInteger(unknown) || unknown < 0 || unknown >= vocab.length) {
    throw unsupported(`Unigram with unk_id ${JSON.stringify(unknown)}`, "an id of its vocabulary");
  }
  const entries = vocab.map((entry: unknown): [string, number] => {
    const [token, score]: unknown[] = Array.isArray(entry) ? entry : [];
    if (typeof token !== "string" || token === "" || typeof score !== "number") {
      throw unsupported(`the vocabulary entry ${JSON.stringify(entry)}`, "a token and its score");
    }
    return [token, score];
  });
  if (vocabulary.size !== entries.length) throw unsupported("Unigram with a token twice in its vocabulary");
  const bytes = byteTokens(fields, vocabulary);
  const bestPath = pathFinder(new Map(entries));
  return {
    vocabulary,
    encode(piece) {
      const ids: TokenId[] = [];
      let pending = "";
      const flush = () => {
        if (pending === "") return;
        const id = vocabulary.get(pending);
        if (id !== undefined || !bytes) ids.push(id ?? unknown);
        else for (const byte of UTF8.encode(pending)) ids.push(bytes[byte]);
        pending = "";
      };
      for (const token of bestPath(piece)) {
        const id: TokenId = vocabulary.get(token) ?? unknown;
        if (id === unknown) pending += token;
        else {
          flush();
          ids.push(id);
        }
      }
      flush();
      return ids;
    },
  };
}

function wordPiece(fields: Fields): VocabularyModel {
  const vocabulary = vocabularyOf(fields);
  const unknown = unknownId("WordPiece", fields, vocabulary);
  const prefix = textField("WordPiece", fields, "continuing_subword_prefix");
  const { max_input_chars_per_word: longest } = fields;
  if (typeof longest !== "number" || !Number.isSafeInteger(longest) || longest < 0) {
    throw unsupported(`WordPiece with max_input_chars_per_word ${JSON.stringify(longest)}`, "a number");
  }
  const finder = new WordPiece({
    ...{
      type: "WordPiece",
      vocab: fields.vocab as Record<string, TokenId>,
      unk_token: textField("", fields, "unk_token"),
    },
    ...{ continuing_subword_prefix: prefix, max_input_chars_per_word: longest },
  });
  return { vocabulary, encode: (piece) => finder.encode([piece]).map((token) => vocabulary.get(token) ?? unknown) };
}

function wordLevel(fields: Fields): VocabularyModel {
  const vocabulary = vocabularyOf(fields);
  const unknown = unknownId("WordLevel", fields, vocabulary);
  return { vocabulary, encode: (piece) => [vocabulary.get(piece) ?? unknown] };
}
