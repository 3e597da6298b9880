import { characterEscape, folded, setEscape } from "./onig-characters.js";
import { readClass } from "./onig-class.js";
import { PatternText } from "./onig-text.js";
import { literal, WORD } from "./unicode.js";
import { slowPart } from "../vocabulary/slow-pattern.js";

/** Loops in a row that may read the same characters: real tokenizers have two. */
const MAX_LOOPS = 3;

/**
 * A regular expression in Oniguruma's syntax as one of JavaScript that finds the same. Throws `ModelLoadError` that names
 * what has no counterpart, what isn't proved to have one, and loops for which a search could last for ever.
 */
export function onigRegExp(pattern: string): RegExp {
  const text = new PatternText([...pattern]);
  const source = new Translation(text).whole();
  const slow = slowPart(source, { nests: true, maxLoops: MAX_LOOPS });
  if (slow !== null) throw text.refuse(`${slow}, for which a search could last for ever`);
  return new RegExp(source, "gv");
}

/** Numbers of Latin-1 that `\w` has outside of a class alone. */
const WIDE_WORD = `[${WORD}\\u00b2\\u00b3\\u00b9\\u00bc-\\u00be]`;
const WORD_EDGE = `(?:(?<!${WIDE_WORD})(?=${WIDE_WORD})|(?<=${WIDE_WORD})(?!${WIDE_WORD}))`;
const NO_WORD_EDGE = `(?:(?<!${WIDE_WORD})(?!${WIDE_WORD})|(?<=${WIDE_WORD})(?=${WIDE_WORD}))`;
/** Pairs of letters that are one character in another case: ß, ligatures. */
const FOLDED_PAIRS = ["ss", "ff", "fi", "fl", "st"];

/** Reads a pattern from the left; each method consumes what it translates. */
class Translation {
  private numAtomic = 0;
  private isBehind = false;

  constructor(private readonly text: PatternText) {}

  whole(): string {
    const source = this.alternatives();
    if (this.text.next !== undefined) throw this.text.refuse("an unmatched )");
    return source;
  }

  private alternatives(): string {
    const { text } = this;
    let source = "";
    let previous = "";
    while (text.at < text.chars.length && text.next !== ")") {
      if (text.takes("|")) {
        source += "|";
        previous = "";
        continue;
      }
      const start = text.at;
      const atom = this.atom();
      const letter = text.at === start + 1 ? text.chars[start].toLowerCase() : "";
      if (text.isFolding && FOLDED_PAIRS.includes(previous + letter)) {
        throw text.refuse(`${previous}${letter} where case is ignored`);
      }
      previous = letter;
      source += this.quantified(atom);
    }
    return source;
  }

  private atom(): string {
    const { text } = this;
    const char = text.chars[text.at++];
    switch (char) {
      case "\\":
        return this.escape();
      case "[":
        return readClass(text);
      case "(":
        return this.group();
      case ".":
        return "[^\\n]";
      case "^":
        return "(?:(?<![\\s\\S])|(?<=\\n)(?=[\\s\\S]))";
      case "$":
        return "(?:(?=\\n)|(?![\\s\\S]))";
      case "*":
      case "+":
      case "?":
        throw text.refuse(`${char} that repeats nothing`);
      case "{":
        text.at--;
        if (this.interval() !== null) throw text.refuse("{…} that repeats nothing");
        text.at++;
        return literal(char);
      default:
        return text.isFolding ? folded(text, char) : literal(char);
    }
  }

  private escape(): string {
    const { text } = this;
    const char = text.next;
    if (char === "b" || char === "B" || char === "A" || char === "z" || char === "Z") {
      text.at++;
      return { b: WORD_EDGE, B: NO_WORD_EDGE, A: "(?<![\\s\\S])", z: "(?![\\s\\S])", Z: "(?=\\n?(?![\\s\\S]))" }[char];
    }
    if (char === "w" || char === "W") {
      text.at++;
      return char === "w" ? WIDE_WORD : `[^${WIDE_WORD}]`;
    }
    const set = setEscape(text);
    if (set !== null) return `[${set}]`;
    const escaped = characterEscape(text);
    return text.isFolding ? folded(text, escaped) : literal(escaped);
  }

  private group(): string {
    const { text } = this;
    const [wasFolding, wasBehind] = [text.isFolding, this.isBehind];
    let open = "(?:";
    let isAtomic = false;
    if (text.takes("?")) {
      if (text.takes("i:")) text.isFolding = true;
      else if (text.takes(":")) open = "(?:";
      else if (text.takes("=")) open = "(?=";
      else if (text.takes("!")) open = "(?!";
      else if (text.takes("<=") || text.takes("<!")) {
        open = `(?<${text.chars[text.at - 1]}`;
        this.isBehind = true;
      } else if (text.takes(">")) isAtomic = true;
      else throw text.refuse(`(?${text.ahead(3)}`);
    }
    const inner = this.alternatives();
    if (!text.takes(")")) throw text.refuse("a ( without its )");
    text.isFolding = wasFolding;
    this.isBehind = wasBehind;
    return isAtomic ? this.atomic(`(?:${inner})`) : `${open}${inner})`;
  }

  /** What, once matched, isn't matched otherwise: found ahead, then read as it was found. */
  private atomic(inner: string): string {
    if (this.isBehind) throw this.text.refuse("an atomic group or possessive quantifier that looks behind");
    const name = `a${this.numAtomic++}`;
    return `(?:(?=(?<${name}>${inner}))\\k<${name}>)`;
  }

  private quantified(atom: string): string {
    const { text } = this;
    const start = text.at;
    const interval = this.interval();
    let quantifier = interval;
    if (interval === null && /^[*+?]$/.test(text.next ?? "")) quantifier = text.chars[text.at++];
    if (quantifier === null) return atom;
    if (/^\(\?(?:[=!]|<[=!])/.test(atom)) throw text.refuse("a quantifier behind a look-around");
    if (interval !== null && text.isFolding) throw text.refuse(`${interval} where case is ignored`);
    if (interval !== null && /^[?+]$/.test(text.next ?? "")) {
      throw text.refuse(`the quantifier ${text.chars.slice(start, text.at + 1).join("")}`);
    }
    let source = atom + quantifier;
    if (text.takes("?")) source += "?";
    else if (text.takes("+")) source = this.atomic(source);
    if (/^[*+?]$/.test(text.next ?? "")) throw text.refuse("two quantifiers in a row");
    const again = text.at;
    if (this.interval() !== null) {
      text.at = again;
      throw text.refuse("two quantifiers in a row");
    }
    return source;
  }

  /** `{2}`, `{1,3}`, `{2,}` or `{,3}` in JavaScript's words; null (and nothing consumed) where the brace is a character. */
  private interval(): string | null {
    const { text } = this;
    if (text.next !== "{") return null;
    const rest = text.ahead(16);
    const found = /^\{(\d*)(,?)(\d*)\}/.exec(rest);
    if (!found || (found[1] === "" && found[3] === "")) return null;
    const [whole, min, comma, max] = found;
    if (Number(min) > Number(max || Number.POSITIVE_INFINITY)) throw text.refuse(`the quantifier ${whole}`);
    text.at += whole.length;
    return comma === "" ? `{${min}}` : `{${min || 0},${max}}`;
  }
}
