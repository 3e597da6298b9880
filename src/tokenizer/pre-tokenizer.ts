import { toByteLetters } from "./byte-letters.js";
import { otherParts } from "./other-parts.js";
import { readPattern } from "./pattern.js";
import { type Fields, flagField, isFields, partOf, unsupported } from "./refusal.js";
import { findSpans, mergeSpans, SPLIT_BEHAVIORS, type Span, type SplitBehavior } from "./spans.js";
import { literal, NUMERIC, property, RUST_WORD, WHITESPACE } from "./unicode.js";

/** What a text is split into, none of it empty. */
export interface Pieces {
  texts: readonly string[];
  /** The first piece begins the text. */
  areFromStart: boolean;
}

/** Splits pieces further. */
export type PreTokenizer = (pieces: Pieces) => Pieces;

const SUPPORTED =
  "ByteLevel, Metaspace, Whitespace, WhitespaceSplit, Split, Punctuation, Digits, BertPreTokenizer, CharDelimiterSplit, FixedLength, Sequence";
const [LETTER, NUMBER] = ["L", "N"].map(property);
/** GPT-2's, as one of JavaScript. */
const GPT2 = `'s|'t|'re|'ve|'m|'ll|'d| ?${LETTER}+| ?${NUMBER}+| ?[^${WHITESPACE}${LETTER}${NUMBER}]+|${WHITESPACE}+(?!\\P{White_Space})|${WHITESPACE}+`;
/** Those that write something else than they read: what comes behind them can't know where a piece began. */
const REWRITING = ["ByteLevel", "Metaspace"];

/** The `pre_tokenizer` of a tokenizer.json, as Rust's `tokenizers` has it; null for none. */
export function readPreTokenizer(json: unknown): PreTokenizer | null {
  if (json === null || json === undefined) return null;
  const { type, fields } = partOf("pre_tokenizer", json);
  switch (type) {
    case "Sequence":
      return sequence(fields);
    case "ByteLevel":
      return byteLevel(fields);
    case "Metaspace":
      return metaspace(fields);
    case "Whitespace":
      return splitter(`${RUST_WORD}+|[^${RUST_WORD}${WHITESPACE}]+`, "Removed", true);
    case "WhitespaceSplit":
      return splitter(WHITESPACE, "Removed");
    case "BertPreTokenizer":
      return inTurn([splitter(WHITESPACE, "Removed"), splitter(otherParts().PUNCTUATION, "Isolated")]);
    case "Punctuation":
      return splitter(otherParts().PUNCTUATION, behaviorOf(type, fields, "Isolated"));
    case "Digits":
      return splitter(NUMERIC, flagField(type, fields, "individual_digits") ? "Isolated" : "Contiguous");
    case "CharDelimiterSplit":
      return splitter(literal(characterField(type, fields, "delimiter")), "Removed");
    case "Split": {
      const pattern = readPattern("a pre_tokenizer Split", fields.pattern);
      return splitBy(pattern, behaviorOf(type, fields), flagField(type, fields, "invert"));
    }
    case "FixedLength": {
      const length = fields.length ?? 5;
      if (typeof length !== "number" || !Number.isSafeInteger(length) || length < 1 || length > 1000) {
        throw unsupported(`FixedLength with length ${JSON.stringify(length)}`, "1 to 1000");
      }
      return splitter(`[\\s\\S]{1,${length}}`, "Isolated");
    }
    default:
      throw unsupported(`the pre_tokenizer ${type}`, SUPPORTED);
  }
}

/** Whether the pre-tokenizer treats the piece that begins a text otherwise than the rest. */
export function minds(json: unknown): boolean {
  return JSON.stringify(json ?? null).includes('"prepend_scheme":"first"');
}

/** Whether no part of a sequence but its first does so: what that one sees is not yet split. */
export function mindsFirst(json: unknown): boolean {
  const parts = isFields(json) && json.type === "Sequence" ? json.pretokenizers : null;
  return Array.isArray(parts) ? mindsFirst(parts[0]) && !parts.slice(1).some(minds) : minds(json);
}

function inTurn(parts: readonly PreTokenizer[]): PreTokenizer {
  return (pieces) => parts.reduce((result, part) => part(result), pieces);
}

function sequence({ pretokenizers }: Fields): PreTokenizer {
  if (!Array.isArray(pretokenizers)) throw unsupported("a pre_tokenizer Sequence without pretokenizers");
  const types = pretokenizers.map((part) => partOf("pre_tokenizer", part).type);
  const firstRewriting = types.findIndex((type) => REWRITING.includes(type) || type === "Sequence");
  const late = pretokenizers.findIndex((part, i) => minds(part) && i > firstRewriting);
  if (firstRewriting >= 0 && late >= 0) {
    throw unsupported(`Metaspace with prepend_scheme "first" behind ${types[firstRewriting]}`);
  }
  return inTurn(pretokenizers.map(readPreTokenizer).filter((part) => part !== null));
}

/** Splits each piece by a function of its text. */
function eachPiece(
  split: (text: string, isFromStart: boolean) => { text: string; spans: readonly Span[] },
): PreTokenizer {
  return ({ texts, areFromStart }) => {
    const result: string[] = [];
    let isFirstKept = false;
    texts.forEach((given, i) => {
      const { text, spans } = split(given, areFromStart && i === 0);
      for (const [start, end] of spans) {
        if (start === end) continue;
        if (i === 0 && start === 0) isFirstKept = true;
        result.push(start === 0 && end === text.length ? text : text.slice(start, end));
      }
    });
    return { texts: result, areFromStart: areFromStart && isFirstKept };
  };
}

function splitter(source: string, behavior: SplitBehavior, isInverted = false): PreTokenizer {
  return splitBy(new RegExp(source, "gv"), behavior, isInverted);
}

function splitBy(pattern: RegExp, behavior: SplitBehavior, isInverted: boolean): PreTokenizer {
  return eachPiece((text) => {
    const found = findSpans(text, pattern);
    const spans = isInverted ? found.map(([start, end, isMatch]): Span => [start, end, !isMatch]) : found;
    return { text, spans: mergeSpans(spans, behavior) };
  });
}

function byteLevel(fields: Fields): PreTokenizer {
  const hasPrefix = flagField("ByteLevel", fields, "add_prefix_space");
  const pattern = flagField("ByteLevel", fields, "use_regex", true) ? new RegExp(GPT2, "gv") : null;
  const split = eachPiece((given) => {
    const text = hasPrefix && !given.startsWith(" ") ? ` ${given}` : given;
    return { text, spans: pattern ? findSpans(text, pattern) : [[0, text.length, false]] };
  });
  return (pieces) => {
    const { texts, areFromStart } = split(pieces);
    return { texts: texts.map(toByteLetters), areFromStart };
  };
}

function metaspace(fields: Fields): PreTokenizer {
  const mark = characterField("Metaspace", { replacement: "▁", ...fields }, "replacement");
  let scheme = fields.prepend_scheme ?? "always";
  if (fields.add_prefix_space === false) {
    if (fields.prepend_scheme !== "never" && fields.prepend_scheme !== undefined) {
      throw unsupported(`Metaspace with add_prefix_space false and prepend_scheme ${JSON.stringify(scheme)}`);
    }
    if (fields.prepend_scheme === undefined) throw unsupported("Metaspace with add_prefix_space false alone");
    scheme = "never";
  }
  if (scheme !== "always" && scheme !== "first" && scheme !== "never") {
    throw unsupported(`Metaspace with prepend_scheme ${JSON.stringify(scheme)}`, "always, first, never");
  }
  const pattern = flagField("Metaspace", fields, "split", true) ? new RegExp(literal(mark), "gv") : null;
  return eachPiece((given, isFromStart) => {
    const spaced = given.replaceAll(" ", mark);
    const prepends = (scheme === "always" || (scheme === "first" && isFromStart)) && !spaced.startsWith(mark);
    const text = prepends ? mark + spaced : spaced;
    const spans: readonly Span[] = [[0, text.length, false]];
    return { text, spans: pattern ? mergeSpans(findSpans(text, pattern), "MergedWithNext") : spans };
  });
}

function behaviorOf(type: string, fields: Fields, fallback?: SplitBehavior): SplitBehavior {
  const value = fields.behavior ?? fallback;
  if (typeof value !== "string" || !SPLIT_BEHAVIORS.includes(value)) {
    throw unsupported(`${type} with behavior ${JSON.stringify(value)}`, SPLIT_BEHAVIORS.join(", "));
  }
  return value as SplitBehavior;
}

function characterField(type: string, fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== "string" || [...value].length !== 1) {
    throw unsupported(`${type} with ${name} ${JSON.stringify(value)}`, "one character");
  }
  return value;
}
