import type { PatternText } from "./onig-text.js";
import { literal, property, WHITESPACE, WORD } from "./unicode.js";

const CHARACTERS: Record<string, string> = { n: "\n", t: "\t", r: "\r", f: "\f", v: "\v", a: "\x07", e: "\x1b" };
const HEX_DIGITS = "0-9A-Fa-f";
const SETS: Record<string, string> = { s: WHITESPACE, d: property("Nd"), h: HEX_DIGITS };
/** Classes that are written `[:name:]`. */
export const POSIX: Record<string, string> = {
  alpha: property("Alphabetic"),
  digit: property("Nd"),
  alnum: property("Alphabetic") + property("Nd"),
  upper: property("Uppercase"),
  lower: property("Lowercase"),
  space: WHITESPACE,
  word: WORD,
  xdigit: HEX_DIGITS,
};
const CATEGORIES = "L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp".split(" ");
const SCRIPTS =
  "Latin Greek Cyrillic Armenian Hebrew Arabic Devanagari Bengali Thai Georgian Hangul Hiragana Katakana Han".split(
    " ",
  );
const PROPERTIES: Record<string, string> = {
  ...Object.fromEntries(CATEGORIES.map((name) => [name, property(name)])),
  ...Object.fromEntries(SCRIPTS.map((name) => [name, property(`Script=${name}`)])),
  Alphabetic: property("Alphabetic"),
};

/** A letter in both cases. Outside of ASCII that isn't known for certain. */
export function folded(text: PatternText, char: string): string {
  if (char > "\x7f") throw text.refuse(`${char} where case is ignored`);
  if (!/[a-z]/i.test(char)) return literal(char);
  const more = { k: "\\u212a", s: "\\u017f" }[char.toLowerCase()] ?? "";
  return `[${char.toLowerCase()}${char.toUpperCase()}${more}]`;
}

/** An escape that stands for several characters, as a part of a class; null (and nothing consumed) if it is one character. */
export function setEscape(text: PatternText): string | null {
  const char = text.next ?? "";
  const set = char.toLowerCase() === "w" ? WORD : SETS[char.toLowerCase()];
  if (set !== undefined) {
    text.at++;
    return char === char.toLowerCase() ? set : `[^${set}]`;
  }
  if (char !== "p" && char !== "P") return null;
  if (text.isFolding) throw text.refuse(`\\${char} where case is ignored`);
  const close = text.chars.indexOf("}", text.at);
  const [open, ...name] = text.chars.slice(text.at + 1, close);
  const isInverted = name[0] === "^";
  const asked = name.slice(isInverted ? 1 : 0).join("");
  if (open !== "{" || !Object.hasOwn(PROPERTIES, asked)) throw text.refuse(`the property \\${char}{${asked}}`);
  text.at = close + 1;
  return (char === "P") === isInverted ? PROPERTIES[asked] : `[^${PROPERTIES[asked]}]`;
}

/** The character behind a `\`. */
export function characterEscape(text: PatternText): string {
  const char = text.chars[text.at++];
  if (char === undefined) throw text.refuse("a \\ at its end");
  if (Object.hasOwn(CHARACTERS, char)) return CHARACTERS[char];
  if (char === "x" || char === "u") {
    const rest = text.ahead(10);
    const hex = /^(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2}(?:[0-9A-Fa-f]{2})?))/.exec(rest);
    const digits = hex?.[1] ?? hex?.[2]?.slice(0, char === "x" ? 2 : 4) ?? "";
    const isWhole = char === "x" ? digits !== "" : hex?.[1] === undefined && digits.length === 4;
    const code = Number.parseInt(digits, 16);
    if (!isWhole || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) throw text.refuse(`the escape \\${char}`);
    text.at += hex?.[1] === undefined ? digits.length : digits.length + 2;
    return String.fromCodePoint(code);
  }
  if (/^[A-Za-z0-9]$/.test(char)) throw text.refuse(`the escape \\${char}`);
  return char;
}
