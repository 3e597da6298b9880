import type { TokenId } from "../vocabulary/events.js";
import { type Fields, isFields } from "./refusal.js";
import { invariant } from "../vocabulary/errors.js";

/** Changes a text before it is split. */
export interface Normalizer {
  (text: string): string;
  /** May take out what a text begins with, so that what comes next doesn't begin it. */
  readonly mayShorten: boolean;
}

/** Ids of one piece of text. */
export type PieceEncoder = (piece: string) => TokenId[];

/** The `model` of a tokenizer.json: what `@huggingface/tokenizers` finds in a piece, with unknown parts as Rust's has them. */
export interface VocabularyModel {
  /** Those of the model alone, by their text. */
  vocabulary: ReadonlyMap<string, TokenId>;
  encode: PieceEncoder;
}

/** What reads the parts of a tokenizer.json that the package's own models haven't. */
export interface OtherParts {
  /** A regular expression in Oniguruma's syntax as one of JavaScript. */
  onigRegExp(pattern: string): RegExp;
  readOtherNormalizer(type: string, fields: Fields): Normalizer | null;
  readOtherModel(type: string, fields: Fields): VocabularyModel | null;
  /** Class of what `Punctuation` splits at. */
  PUNCTUATION: string;
}

let parts: OtherParts | null = null;

/** Says what reads them: done by `loadTokenizerParts`, so that nobody else fetches it. */
export function setOtherParts(loaded: OtherParts): void {
  parts = loaded;
}

/** What reads them, which must be loaded. */
export function otherParts(): OtherParts {
  invariant(parts, "parts of tokenizers were not loaded before a tokenizer was read");
  return parts;
}

/** Types that are read without them. */
const OWN = [
  "Sequence",
  "Prepend",
  "Replace",
  "Lowercase",
  "Strip",
  "ByteLevel",
  "Split",
  "Fuse",
  "ByteFallback",
  "Metaspace",
];

/** The type of a `model`, which old files leave out. */
export function modelType({ type, vocab, merges, continuing_subword_prefix: prefix }: Fields): string {
  if (type !== undefined && type !== null) return String(type);
  if (Array.isArray(vocab)) return "Unigram";
  if (Array.isArray(merges)) return "BPE";
  return typeof prefix === "string" ? "WordPiece" : "WordLevel";
}

/** Whether a tokenizer.json has parts for which they must be loaded. */
export function needsOtherParts(json: unknown): boolean {
  if (parts) return false;
  const { normalizer, pre_tokenizer, decoder, model } = (json ?? {}) as Record<string, unknown>;
  if (isFields(model) && modelType(model) !== "BPE") return true;
  const types = JSON.stringify([normalizer, pre_tokenizer, decoder]).matchAll(/"(?:type":"([^"]*)|Regex":"(.*?)")/g);
  return [...types].some(([, type, regex]) => (type === undefined ? regex !== "." : !OWN.includes(type)));
}
