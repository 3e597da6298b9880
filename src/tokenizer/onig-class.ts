import { characterEscape, folded, POSIX, setEscape } from "./onig-characters.js";
import type { PatternText } from "./onig-text.js";
import { literal } from "./unicode.js";

/** A class, behind its [. */
export function readClass(text: PatternText): string {
  const isInverted = text.takes("^");
  let parts = "";
  for (let isStart = true; isStart || text.next !== "]"; isStart = false) {
    if (text.at >= text.chars.length) throw text.refuse("a [ without its ]");
    if (text.next === "&" && text.chars[text.at + 1] === "&") throw text.refuse("&& in a class");
    parts += setPart(text);
  }
  text.at++;
  return `[${isInverted ? "^" : ""}${parts}]`;
}

function setPart(text: PatternText): string {
  if (text.takes("[:")) {
    const end = text.chars.indexOf(":", text.at);
    const isInverted = text.takes("^");
    const name = text.chars.slice(text.at, end).join("");
    if (text.chars[end + 1] !== "]" || !Object.hasOwn(POSIX, name) || text.isFolding) {
      throw text.refuse(`[:${name}:]`);
    }
    text.at = end + 2;
    return isInverted ? `[^${POSIX[name]}]` : POSIX[name];
  }
  if (text.takes("[")) return readClass(text);
  if (text.takes("\\")) {
    const set = setEscape(text);
    if (set !== null) {
      if (text.next === "-" && text.chars[text.at + 1] !== "]") throw text.refuse("a range that begins with a class");
      return set;
    }
    return rangeFrom(text, text.next === "b" ? backspace(text) : characterEscape(text));
  }
  return rangeFrom(text, text.chars[text.at++]);
}

function backspace(text: PatternText): string {
  text.at++;
  return "\b";
}

function rangeFrom(text: PatternText, first: string): string {
  const second = text.chars[text.at + 1];
  if (text.next !== "-" || second === "]" || second === undefined) return inSet(text, first, first);
  text.at += 2;
  if (second === "[") throw text.refuse("a range that ends with a class");
  if (second !== "\\") return inSet(text, first, second);
  if (/^[swdhpSWDHP]$/.test(text.next ?? "")) throw text.refuse("a range that ends with a class");
  return inSet(text, first, characterEscape(text));
}

function inSet(text: PatternText, first: string, last: string): string {
  if ((first.codePointAt(0) ?? 0) > (last.codePointAt(0) ?? 0)) throw text.refuse(`the range ${first}-${last}`);
  const range = first === last ? literal(first) : `${literal(first)}-${literal(last)}`;
  if (!text.isFolding) return range;
  const isWithin = /^(?:[a-z]{2}|[A-Z]{2}|[0-9]{2})$/.test(first + last);
  if (first === last) return folded(text, first);
  if (!isWithin) throw text.refuse(`the range ${first}-${last} where case is ignored`);
  const both = `${range}${literal(first.toLowerCase())}-${literal(last.toLowerCase())}${literal(first.toUpperCase())}-${literal(last.toUpperCase())}`;
  const holds = (letter: string) => first.toLowerCase() <= letter && letter <= last.toLowerCase();
  return `${both}${holds("k") ? "\\u212a" : ""}${holds("s") ? "\\u017f" : ""}`;
}
