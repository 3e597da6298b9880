import { BPE, WordPiece } from "@huggingface/tokenizers";
import type { TokenId } from "../vocabulary/events.js";
import { type Fields, flagField, isFields, textField, unsupported } from "./refusal.js";

/** Ids of one piece of text. */
export type PieceEncoder = (piece: string) => TokenId[];

/** The `model` of a tokenizer.json: what `@huggingface/tokenizers` finds in a piece, with unknown parts as Rust's has them. */
export interface VocabularyModel {
  /** Those of the model alone, by their text. */
  vocabulary: ReadonlyMap<string, TokenId>;
  encode: PieceEncoder;
}

const UTF8 = new TextEncoder();

/** Reads the `model` of a tokenizer.json. */
export function readModel(fields: Fields): VocabularyModel {
  const type = fields.type ?? typeOf(fields);
  switch (type) {
    case "BPE":
      return bpe(fields);
    case "Unigram":
      return unigram(fields);
    case "WordPiece":
      return wordPiece(fields);
    case "WordLevel":
      return wordLevel(fields);
    default:
      throw unsupported(`the model ${String(type)}`, "BPE, Unigram, WordPiece, WordLevel");
  }
}

/** Old files leave the type out. */
function typeOf({ vocab, merges, continuing_subword_prefix: prefix }: Fields): string {
  if (Array.isArray(vocab)) return "Unigram";
  if (Array.isArray(merges)) return "BPE";
  return typeof prefix === "string" ? "WordPiece" : "WordLevel";
}

/** No vocabulary is as large; ids are places in a list. */
const MAX_ID = 1 << 24;

function vocabularyOf(fields: Fields): Map<string, TokenId> {
  const { vocab } = fields;
  const vocabulary = new Map<string, TokenId>();
  const add = (token: unknown, id: unknown) => {
    if (typeof token !== "string" || typeof id !== "number" || !(id >= 0 && id < MAX_ID && Number.isInteger(id))) {
      throw unsupported(`the vocabulary entry ${JSON.stringify([token, id])}`, "a token and its id");
    }
    vocabulary.set(token, id);
  };
  if (Array.isArray(vocab)) for (const [id, entry] of vocab.entries()) add(Array.isArray(entry) ? entry[0] : null, id);
  else if (isFields(vocab)) for (const token of Object.keys(vocab)) add(token, vocab[token]);
  if (vocabulary.size === 0) throw unsupported("an empty vocabulary");
  return vocabulary;
}

/** The ids of `<0x00>` to `<0xFF>`; null if asked for none. All must be there: of a part, Rust's order is another. */
function byteTokens(fields: Fields, vocabulary: ReadonlyMap<string, TokenId>): readonly TokenId[] | null {
  if (!flagField("the model", fields, "byte_fallback", false)) return null;
  return Array.from({ length: 256 }, (_, byte) => {
    const token = `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
    const id = vocabulary.get(token);
    if (id === undefined) throw unsupported(`byte_fallback without the token ${token}`);
    return id;
  });
}

function unknownId(kind: string, fields: Fields, vocabulary: ReadonlyMap<string, TokenId>): TokenId {
  const id = vocabulary.get(textField(kind, fields, "unk_token"));
  if (id === undefined) throw unsupported(`${kind} whose unk_token isn't in its vocabulary`);
  return id;
}

function bpe(fields: Fields): VocabularyModel {
  const { dropout = null, continuing_subword_prefix: prefix = null, unk_token: unknownToken = null } = fields;
  if (dropout !== null && dropout !== 0) throw unsupported(`BPE with dropout ${JSON.stringify(dropout)}`, "none");
  if (prefix !== null && prefix !== "") throw unsupported("BPE with continuing_subword_prefix", "none");
  const suffix = fields.end_of_word_suffix ?? "";
  if (typeof suffix !== "string") throw unsupported(`BPE with end_of_word_suffix ${JSON.stringify(suffix)}`);
  const vocabulary = vocabularyOf(fields);
  const unknown = unknownToken === null ? null : unknownId("BPE", fields, vocabulary);
  const fuses = flagField("BPE", fields, "fuse_unk", false);
  const bytes = byteTokens(fields, vocabulary);
  const ignoresMerges = flagField("BPE", fields, "ignore_merges", false);
  const merges = mergesOf(fields, vocabulary, [unknownToken, ...(bytes ? ["<0x"] : [])]);
  // Rust's drops what it doesn't know before it merges, and then no suffix stands at the end.
  const drops = unknown === null && bytes === null;
  if (drops && suffix !== "") throw unsupported("BPE with end_of_word_suffix and without unk_token");
  const merger = new BPE({
    ...{ type: "BPE", vocab: fields.vocab as Record<string, TokenId>, merges, unk_token: "" },
    ...{ end_of_word_suffix: suffix, continuing_subword_suffix: null, byte_fallback: false, ignore_merges: false },
  });
  return {
    vocabulary,
    encode(piece) {
      const whole = ignoresMerges ? vocabulary.get(piece) : undefined;
      if (whole !== undefined) return [whole];
      const known = drops ? [...piece].filter((char) => vocabulary.has(char)).join("") : piece;
      const ids: TokenId[] = [];
      let wasUnknown = false;
      for (const token of merger.bpe(known)) {
        const id = vocabulary.get(token);
        const isUnknown = id === undefined && bytes === null;
        if (id !== undefined) ids.push(id);
        else if (bytes) for (const byte of UTF8.encode(token)) ids.push(bytes[byte]);
        else if (unknown !== null && !(fuses && wasUnknown)) ids.push(unknown);
        wasUnknown = isUnknown;
      }
      return ids;
    },
  };
}

/** The merges as pairs; `foreign` are what no part of one may be or begin with. */
function mergesOf(
  { merges }: Fields,
  vocabulary: ReadonlyMap<string, TokenId>,
  [unknownToken, byteStart]: readonly unknown[],
): [string, string][] {
  if (!Array.isArray(merges)) throw unsupported("BPE without merges");
  const isComment = (line: unknown) => typeof line === "string" && line.startsWith("#version");
  const lines: unknown[] = merges.some(isComment) ? merges.filter((line) => !isComment(line)) : merges;
  return lines.map((line: unknown) => {
    const pair: unknown = typeof line === "string" ? line.split(" ") : line;
    const isPair = Array.isArray(pair) && pair.length === 2;
    const [left, right]: unknown[] = isPair ? pair : [];
    const isKnown = (token: unknown): token is string => typeof token === "string" && vocabulary.has(token);
    if (!isKnown(left) || !isKnown(right) || !vocabulary.has(left + right)) {
      throw unsupported(`the merge ${JSON.stringify(line)}, which isn't of the vocabulary,`);
    }
    const isForeign = (token: string) =>
      token === unknownToken || (typeof byteStart === "string" && /^<0x[0-9A-F]{2}>$/.test(token));
    if (isForeign(left) || isForeign(right)) throw unsupported(`the merge ${JSON.stringify(line)} of an unknown part`);
    return [left, right];
  });
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
