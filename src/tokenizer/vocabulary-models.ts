import { BPE } from "@huggingface/tokenizers";
import type { TokenId } from "../vocabulary/events.js";
import { modelType, otherParts, type VocabularyModel } from "./other-parts.js";
import { type Fields, flagField, isFields, textField, unsupported } from "./refusal.js";

const UTF8 = new TextEncoder();

/** Reads the `model` of a tokenizer.json. */
export function readModel(fields: Fields): VocabularyModel {
  const type = modelType(fields);
  if (type === "BPE") return bpe(fields);
  const other = otherParts().readOtherModel(type, fields);
  if (other) return other;
  throw unsupported(`the model ${type}`, "BPE, Unigram, WordPiece, WordLevel");
}

/** No vocabulary is as large; ids are places in a list. */
const MAX_ID = 1 << 24;

/** The ids of a model by their text. */
export function vocabularyOf(fields: Fields): Map<string, TokenId> {
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
export function byteTokens(fields: Fields, vocabulary: ReadonlyMap<string, TokenId>): readonly TokenId[] | null {
  if (!flagField("the model", fields, "byte_fallback", false)) return null;
  return Array.from({ length: 256 }, (_, byte) => {
    const token = `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
    const id = vocabulary.get(token);
    if (id === undefined) throw unsupported(`byte_fallback without the token ${token}`);
    return id;
  });
}

/** The id of the token for what isn't known. */
export function unknownId(kind: string, fields: Fields, vocabulary: ReadonlyMap<string, TokenId>): TokenId {
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
