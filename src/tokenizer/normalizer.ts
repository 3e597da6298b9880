import { toByteLetters } from "./byte-letters.js";
import { type Normalizer, otherParts } from "./other-parts.js";
import { readPattern } from "./pattern.js";
import { flagField, partOf, textField, unsupported } from "./refusal.js";
import { findSpans } from "./spans.js";
import { WHITESPACE } from "./unicode.js";

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
    case "Lowercase":
      return normalizer(lowercase);
    case "Strip": {
      const left = flagField(type, fields, "strip_left") ? new RegExp(`^${WHITESPACE}+`, "v") : null;
      const right = flagField(type, fields, "strip_right") ? new RegExp(`${WHITESPACE}+$`, "v") : null;
      return normalizer((text) => without(right, without(left, text)), left !== null);
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
    case "ByteLevel":
      return normalizer(toByteLetters);
    default: {
      const other = otherParts().readOtherNormalizer(type, fields);
      if (!other) throw unsupported(`the normalizer ${type}`, SUPPORTED);
      return other;
    }
  }
}

/** A text with each match of a pattern replaced, `content` as it stands. */
export function replaceAll(text: string, pattern: RegExp, content: string): string {
  if (text === "") return "";
  return findSpans(text, pattern)
    .map(([start, end, isMatch]) => (isMatch ? content : text.slice(start, end)))
    .join("");
}

/** A normalizer of a function. */
export function normalizer(change: (text: string) => string, mayShorten = false): Normalizer {
  return Object.assign((text: string) => change(text), { mayShorten });
}

/** A text without what a pattern finds. */
export function without(pattern: RegExp | null, text: string): string {
  return pattern ? text.replace(pattern, "") : text;
}

/** Letter by letter: a sigma at a word's end is like any other. */
export function lowercase(text: string): string {
  let result = "";
  for (const char of text) result += char.toLowerCase();
  return result;
}
