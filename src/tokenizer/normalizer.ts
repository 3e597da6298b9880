import { toByteLetters } from "./byte-letters.js";
import { readPattern } from "./onig.js";
import { type Fields, flagField, partOf, textField, unsupported } from "./refusal.js";
import { findSpans } from "./spans.js";
import {
  ACCENT,
  BERT_ACCENT,
  BERT_CONTROL,
  BERT_IDEOGRAPH,
  codePoints,
  LATER_IN_FORMS,
  WHITESPACE,
} from "./unicode.js";

/** Changes a text before it is split. */
export interface Normalizer {
  (text: string): string;
  /** May take out what a text begins with, so that what comes next doesn't begin it. */
  readonly mayShorten: boolean;
}

const SUPPORTED =
  "NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, Replace, Prepend, BertNormalizer, Nmt, ByteLevel, Sequence";

/** The `normalizer` of a tokenizer.json, as Rust's `tokenizers` has it; null for none. */
export function readNormalizer(json: unknown): Normalizer | null {
  if (json === null || json === undefined) return null;
  const { type, fields } = partOf("normalizer", json);
  switch (type) {
    case "Sequence": {
      if (!Array.isArray(fields.normalizers)) throw unsupported("a normalizer Sequence without normalizers");
      const parts = fields.normalizers.map(readNormalizer).filter((part) => part !== null);
      const mayShorten = parts.some((part) => part.mayShorten);
      return normalizer((text) => parts.reduce((result, part) => part(result), text), mayShorten);
    }
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD":
      return normalizer((text) => inForm(text, type));
    case "Lowercase":
      return normalizer(lowercase);
    case "Strip": {
      const left = flagField(type, fields, "strip_left") ? new RegExp(`^${WHITESPACE}+`, "v") : null;
      const right = flagField(type, fields, "strip_right") ? new RegExp(`${WHITESPACE}+$`, "v") : null;
      return normalizer((text) => without(right, without(left, text)), left !== null);
    }
    case "StripAccents": {
      const accents = new RegExp(ACCENT, "gv");
      return normalizer((text) => without(accents, text), true);
    }
    case "Replace": {
      const content = textField(type, fields, "content");
      const pattern = readPattern("a normalizer Replace", fields.pattern);
      // Rust's loses its place there.
      if (pattern.test("")) throw unsupported("a normalizer Replace whose pattern matches an empty text");
      return normalizer((text) => replaceAll(text, pattern, content), content === "");
    }
    case "Prepend": {
      const prefix = textField(type, fields, "prepend");
      return normalizer((text) => (text === "" ? "" : prefix + text));
    }
    case "BertNormalizer":
      return bertNormalizer(fields);
    case "Nmt":
      return normalizer((text) => text.replace(NMT_CONTROL, "").replace(NMT_SPACE, " "), true);
    case "ByteLevel":
      return normalizer(toByteLetters);
    default:
      throw unsupported(`the normalizer ${type}`, SUPPORTED);
  }
}

/** A text with each match of a pattern replaced, `content` as it stands. */
export function replaceAll(text: string, pattern: RegExp, content: string): string {
  if (text === "") return "";
  return findSpans(text, pattern)
    .map(([start, end, isMatch]) => (isMatch ? content : text.slice(start, end)))
    .join("");
}

const NMT_CONTROL = new RegExp(`[${codePoints("1-8 b e-1f 7f 8f 9f")}]`, "gv");
const NMT_SPACE = new RegExp(`[${codePoints("9 a c d 1680 200b-200f 2028 2029 2581 feff fffd")}]`, "gv");
const LATER = new RegExp(`(${LATER_IN_FORMS}+)`, "v");

function normalizer(change: (text: string) => string, mayShorten = false): Normalizer {
  return Object.assign((text: string) => change(text), { mayShorten });
}

function without(pattern: RegExp | null, text: string): string {
  return pattern ? text.replace(pattern, "") : text;
}

function inForm(text: string, form: "NFC" | "NFD" | "NFKC" | "NFKD"): string {
  // The odd parts are what Unicode 9 didn't know.
  const parts = text.split(LATER);
  return parts.map((part, i) => (i % 2 === 0 ? part.normalize(form) : part)).join("");
}

/** Letter by letter: a sigma at a word's end is like any other. */
function lowercase(text: string): string {
  let result = "";
  for (const char of text) result += char.toLowerCase();
  return result;
}

function bertNormalizer(fields: Fields): Normalizer {
  const type = "BertNormalizer";
  const cleansText = flagField(type, fields, "clean_text");
  const lowers = flagField(type, fields, "lowercase");
  const stripsAccents = flagField(type, fields, "strip_accents", lowers);
  const spacesIdeographs = flagField(type, fields, "handle_chinese_chars");
  const [control, space, ideograph, accent] = [BERT_CONTROL, WHITESPACE, BERT_IDEOGRAPH, BERT_ACCENT].map(
    (source) => new RegExp(`${source}`, "gv"),
  );
  return normalizer((given) => {
    let text = given;
    if (cleansText) text = text.replace(/\0/g, "").replace(control, "").replace(space, " ");
    if (spacesIdeographs) text = text.replace(ideograph, " $& ");
    if (stripsAccents) text = inForm(text, "NFD").replace(accent, "");
    return lowers ? lowercase(text) : text;
  }, true);
}
