import { ModelLoadError } from "../errors.js";

/** The bytes one token stands for. `isFirst`: it begins the text, where some decoders drop a leading space. */
export type TokenBytes = (token: string, isFirst: boolean) => Uint8Array<ArrayBuffer>;

/** What is known of the decoder after reading its parts: how to turn a token's text into bytes, and the first token's rule. */
interface Steps {
  text: ((token: string, isFirst: boolean) => string)[];
  isByteLevel: boolean;
  hasByteFallback: boolean;
  stripsFirst: string | null;
}

const SUPPORTED = "ByteLevel, Metaspace, WordPiece, and sequences of those with Replace, ByteFallback, Fuse and Strip";
const encoder = new TextEncoder();

/**
 * Reads the `decoder` of a tokenizer.json. One rule for all kinds: text is the UTF-8 reading of the tokens' bytes in a row.
 * So a stream and a whole text can't differ. Where bytes aren't valid UTF-8, this gives one U+FFFD per broken character,
 * while `tokenizers` gives, for byte-fallback tokens, one per byte of the whole run.
 */
export function readDecoder(decoder: unknown): TokenBytes {
  const steps: Steps = { text: [], isByteLevel: false, hasByteFallback: false, stripsFirst: null };
  addDecoder(decoder, steps);
  return (token, isFirst) => {
    let text = token;
    for (const step of steps.text) text = step(text, isFirst);
    const byte = steps.hasByteFallback ? /^<0x([0-9A-Fa-f]{2})>$/.exec(text) : null;
    const bytes = byte
      ? Uint8Array.of(Number.parseInt(byte[1], 16))
      : ((steps.isByteLevel ? byteLevelBytes(text) : null) ?? encoder.encode(text));
    const isStripped = isFirst && steps.stripsFirst !== null && bytes[0] === steps.stripsFirst.charCodeAt(0);
    return isStripped ? bytes.slice(1) : bytes;
  };
}

function addDecoder(part: unknown, steps: Steps): void {
  const { type, ...fields } = isRecord(part) ? part : { type: part };
  const refuse = (detail: string) =>
    new ModelLoadError(
      `tokenizer.json: decoder ${detail} isn't supported; supported are ${SUPPORTED}.`,
      "unsupported_tokenizer",
    );
  switch (type) {
    case "Sequence": {
      if (!Array.isArray(fields.decoders)) throw refuse("Sequence without decoders");
      for (const inner of fields.decoders) addDecoder(inner, steps);
      return;
    }
    case "ByteLevel":
      steps.isByteLevel = true;
      return;
    case "ByteFallback":
      steps.hasByteFallback = true;
      return;
    case "Fuse":
      return;
    case "Strip": {
      const { content, start, stop } = fields;
      if (typeof content !== "string" || !/^[\0-\x7f]$/.test(content) || start !== 1 || stop !== 0) {
        throw refuse(`Strip ${JSON.stringify(fields)}`);
      }
      steps.stripsFirst = content;
      return;
    }
    case "Replace": {
      const { pattern, content } = fields;
      const from = isRecord(pattern) ? pattern.String : undefined;
      if (typeof from !== "string" || typeof content !== "string") throw refuse(`Replace ${JSON.stringify(pattern)}`);
      steps.text.push((token) => token.replaceAll(from, content));
      return;
    }
    case "Metaspace": {
      const mark = typeof fields.replacement === "string" ? fields.replacement : "▁";
      const dropsFirst = fields.prepend_scheme !== "never" && fields.add_prefix_space !== false;
      steps.text.push((token, isFirst) => token.replaceAll(mark, isFirst && dropsFirst ? "" : " "));
      return;
    }
    case "WordPiece": {
      const prefix = typeof fields.prefix === "string" ? fields.prefix : "##";
      const cleanUp = fields.cleanup === false ? (text: string) => text : cleanUpSpaces;
      steps.text.push((token, isFirst) => {
        if (isFirst) return cleanUp(token);
        return cleanUp(token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`);
      });
      return;
    }
    default:
      throw refuse(JSON.stringify(type ?? null));
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

/** Byte-level BPE writes each byte as one visible character; null where a character isn't one of those 256. */
function byteLevelBytes(token: string): Uint8Array<ArrayBuffer> | null {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = BYTE_OF_CHARACTER.get(token.charCodeAt(i));
    if (byte === undefined) return null;
    bytes[i] = byte;
  }
  return bytes;
}

/** Printable Latin-1 stands for itself; the other 68 bytes, in order, for U+0100 and on. */
const BYTE_OF_CHARACTER: ReadonlyMap<number, number> = (() => {
  const map = new Map<number, number>();
  let next = 256;
  for (let byte = 0; byte < 256; byte++) {
    const isPrintable = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    map.set(isPrintable ? byte : next++, byte);
  }
  return map;
})();

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
