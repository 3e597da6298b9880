import { fromByteLetters } from "./byte-letters.js";
import { replaceAll } from "./normalizer.js";
import { readPattern } from "./pattern.js";
import { type Fields, flagField, partOf, textField, unsupported } from "./refusal.js";

/** The bytes one token stands for. `isFirst`: it begins the text, where some decoders drop a leading space. */
export type TokenBytes = (token: string, isFirst: boolean) => Uint8Array<ArrayBuffer>;

/** How a decoder turns tokens into text: each alone into bytes, which in a row are the text's UTF-8. */
export interface Decoder {
  bytes: TokenBytes;
  /** A token that is one byte by name; of a run of those that isn't UTF-8, Rust's decoder makes one U+FFFD a token. */
  isByte(token: string): boolean;
}

/** What is known of the decoder after reading its parts: how to turn a token's text into bytes, and the first token's rule. */
interface Steps {
  text: ((token: string, isFirst: boolean) => string)[];
  isByteLevel: boolean;
  hasByteFallback: boolean;
  stripsFirst: string | null;
  /** All tokens are one text from here on. */
  isFused: boolean;
}

const SUPPORTED = "ByteLevel, Metaspace, WordPiece, and sequences of those with Replace, ByteFallback, Fuse and Strip";
const BYTE_TOKEN = /^<0x([0-9A-Fa-f]{2})>$/;
const encoder = new TextEncoder();

/** Reads the `decoder` of a tokenizer.json. A chain that isn't the same token by token is refused by name. */
export function readDecoder(decoder: unknown): Decoder {
  const steps: Steps = { text: [], isByteLevel: false, hasByteFallback: false, stripsFirst: null, isFused: false };
  if (decoder === null || decoder === undefined) {
    // Tokens are then shown apart.
    steps.text.push((token, isFirst) => (isFirst ? token : ` ${token}`));
  } else addDecoder(decoder, steps);
  return {
    isByte: (token) =>
      steps.hasByteFallback && BYTE_TOKEN.test(steps.text.reduce((text, step) => step(text, false), token)),
    bytes(token, isFirst) {
      let text = token;
      for (const step of steps.text) text = step(text, isFirst);
      const byte = steps.hasByteFallback ? BYTE_TOKEN.exec(text) : null;
      const bytes = byte
        ? Uint8Array.of(Number.parseInt(byte[1], 16))
        : ((steps.isByteLevel ? fromByteLetters(text) : null) ?? encoder.encode(text));
      const isStripped = isFirst && steps.stripsFirst !== null && bytes[0] === steps.stripsFirst.charCodeAt(0);
      return isStripped ? bytes.slice(1) : bytes;
    },
  };
}

function addDecoder(part: unknown, steps: Steps): void {
  const { type, fields } = partOf("decoder", part);
  if (type === "Sequence") {
    if (!Array.isArray(fields.decoders)) throw unsupported("a decoder Sequence without decoders");
    for (const inner of fields.decoders) addDecoder(inner, steps);
    return;
  }
  const isWhole = steps.isFused || steps.isByteLevel;
  if (type === "Fuse") {
    steps.isFused = true;
    return;
  }
  if (type === "Strip" && isWhole) {
    const { content, start, stop } = fields;
    if (typeof content !== "string" || !/^[\0-\x7f]$/.test(content) || start !== 1 || stop !== 0) {
      throw unsupported(`the decoder Strip ${JSON.stringify(fields)}`, "one ASCII character, once at the start");
    }
    if (steps.stripsFirst !== null) throw unsupported("a decoder with two Strip");
    steps.stripsFirst = content;
    return;
  }
  if (isWhole || steps.hasByteFallback)
    throw unsupported(`the decoder ${type} behind ${isWhole ? "Fuse" : "ByteFallback"}`);
  if (type === "ByteLevel") steps.isByteLevel = true;
  else if (type === "ByteFallback") steps.hasByteFallback = true;
  else steps.text.push(textStep(type, fields));
}

/** A step that changes the text of each token alone. */
function textStep(type: string, fields: Fields): (token: string, isFirst: boolean) => string {
  switch (type) {
    case "Replace": {
      const content = textField(type, fields, "content");
      const pattern = readPattern("a decoder Replace", fields.pattern);
      return (token) => replaceAll(token, pattern, content);
    }
    case "Metaspace": {
      const mark = textField(type, { replacement: "▁", ...fields }, "replacement");
      if ([...mark].length !== 1)
        throw unsupported(`Metaspace with replacement ${JSON.stringify(mark)}`, "one character");
      const dropsFirst = fields.prepend_scheme !== "never" && fields.add_prefix_space !== false;
      return (token, isFirst) => token.replaceAll(mark, isFirst && dropsFirst ? "" : " ");
    }
    case "WordPiece": {
      const prefix = textField(type, fields, "prefix");
      const cleanUp = flagField(type, fields, "cleanup") ? cleanUpSpaces : (text: string) => text;
      return (token, isFirst) => {
        if (isFirst) return cleanUp(token);
        return cleanUp(token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`);
      };
    }
    default:
      throw unsupported(`the decoder ${type}`, SUPPORTED);
  }
}

/** English spacing as `tokenizers` restores it for WordPiece, token by token. */
function cleanUpSpaces(text: string): string {
  const rules = [" .", " ?", " !", " ,", " ' ", " n't", " 'm", " do not", " 's", " 've", " 're"];
  let result = text;
  for (const rule of rules) {
    result = result.replaceAll(rule, rule === " do not" ? " don't" : rule.trim());
  }
  return result;
}
