// Over 300 lines: one reader of one syntax, whose parts call each other.
import { property, WHITESPACE, WORD } from "./unicode.js";
import { type Fields, isFields, unsupported } from "./refusal.js";

/** A pattern of tokenizer.json, `{ "String": … }` or `{ "Regex": … }`, as a RegExp with flag `g`. */
export function readPattern(kind: string, pattern: unknown): RegExp {
  const fields: Fields = isFields(pattern) ? pattern : {};
  if (typeof fields.String === "string") return new RegExp([...fields.String].map(literal).join(""), "gv");
  if (typeof fields.Regex === "string") return onigRegExp(fields.Regex);
  throw unsupported(`${kind} with the pattern ${JSON.stringify(pattern)}`, "a String or a Regex");
}

/**
 * A regular expression in Oniguruma's syntax as one of JavaScript that finds the same. Throws `ModelLoadError` that names
 * what has no counterpart, and what isn't proved to have one.
 */
export function onigRegExp(pattern: string): RegExp {
  const source = new Translation([...pattern]).whole();
  return new RegExp(source, "gv");
}

/** One code point, outside and inside of a class. */
export function literal(char: string): string {
  return /^[A-Za-z0-9]$/.test(char) ? char : `\\u{${(char.codePointAt(0) as number).toString(16)}}`;
}

const CHARACTERS: Record<string, string> = { n: "\n", t: "\t", r: "\r", f: "\f", v: "\v", a: "\x07", e: "\x1b" };
const HEX_DIGITS = "0-9A-Fa-f";
/** Numbers of Latin-1 that `\w` has outside of a class alone. */
const WIDE_WORD = `[${WORD}\\u00b2\\u00b3\\u00b9\\u00bc-\\u00be]`;
const WORD_EDGE = `(?:(?<!${WIDE_WORD})(?=${WIDE_WORD})|(?<=${WIDE_WORD})(?!${WIDE_WORD}))`;
const NO_WORD_EDGE = `(?:(?<!${WIDE_WORD})(?!${WIDE_WORD})|(?<=${WIDE_WORD})(?=${WIDE_WORD}))`;
const SETS: Record<string, string> = { s: WHITESPACE, d: property("Nd"), h: HEX_DIGITS };
const POSIX: Record<string, string> = {
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
/** Pairs of letters that are one character in another case: ß, ligatures. */
const FOLDED_PAIRS = ["ss", "ff", "fi", "fl", "st"];

/** Reads a pattern from the left; each method consumes what it translates. */
class Translation {
  private at = 0;
  private numAtomic = 0;
  private isFolding = false;
  private isBehind = false;

  constructor(private readonly chars: readonly string[]) {}

  whole(): string {
    const source = this.alternatives();
    if (this.at < this.chars.length) throw this.refuse("an unmatched )");
    return source;
  }

  private refuse(what: string): Error {
    return unsupported(`the regular expression ${JSON.stringify(this.chars.join(""))} with ${what}`);
  }

  private get next(): string | undefined {
    return this.chars[this.at];
  }

  private takes(text: string): boolean {
    const { length } = text;
    if (this.chars.slice(this.at, this.at + length).join("") !== text) return false;
    this.at += length;
    return true;
  }

  private alternatives(): string {
    let source = "";
    let previous = "";
    while (this.at < this.chars.length && this.next !== ")") {
      if (this.takes("|")) {
        source += "|";
        previous = "";
        continue;
      }
      const start = this.at;
      const atom = this.atom();
      const letter = this.at === start + 1 ? this.chars[start].toLowerCase() : "";
      if (this.isFolding && FOLDED_PAIRS.includes(previous + letter)) {
        throw this.refuse(`${previous}${letter} where case is ignored`);
      }
      previous = letter;
      source += this.quantified(atom);
    }
    return source;
  }

  private atom(): string {
    const char = this.chars[this.at++];
    switch (char) {
      case "\\":
        return this.escape();
      case "[":
        return this.set();
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
        throw this.refuse(`${char} that repeats nothing`);
      case "{":
        this.at--;
        if (this.interval() !== null) throw this.refuse("{…} that repeats nothing");
        this.at++;
        return literal(char);
      default:
        return this.isFolding ? this.folded(char) : literal(char);
    }
  }

  /** A letter in both cases. Outside of ASCII that isn't known for certain. */
  private folded(char: string): string {
    if (char > "\x7f") throw this.refuse(`${char} where case is ignored`);
    if (!/[a-z]/i.test(char)) return literal(char);
    const more = { k: "\\u212a", s: "\\u017f" }[char.toLowerCase()] ?? "";
    return `[${char.toLowerCase()}${char.toUpperCase()}${more}]`;
  }

  private escape(): string {
    const char = this.next;
    if (char === "b" || char === "B" || char === "A" || char === "z" || char === "Z") {
      this.at++;
      return { b: WORD_EDGE, B: NO_WORD_EDGE, A: "(?<![\\s\\S])", z: "(?![\\s\\S])", Z: "(?=\\n?(?![\\s\\S]))" }[char];
    }
    if (char === "w" || char === "W") {
      this.at++;
      return char === "w" ? WIDE_WORD : `[^${WIDE_WORD}]`;
    }
    const set = this.setEscape();
    if (set !== null) return `[${set}]`;
    const escaped = this.characterEscape();
    return this.isFolding ? this.folded(escaped) : literal(escaped);
  }

  /** An escape that stands for several characters, as a part of a class; null (and nothing consumed) if it is one character. */
  private setEscape(): string | null {
    const char = this.next ?? "";
    const set = char.toLowerCase() === "w" ? WORD : SETS[char.toLowerCase()];
    if (set !== undefined) {
      this.at++;
      return char === char.toLowerCase() ? set : `[^${set}]`;
    }
    if (char !== "p" && char !== "P") return null;
    if (this.isFolding) throw this.refuse(`\\${char} where case is ignored`);
    const close = this.chars.indexOf("}", this.at);
    const [open, ...name] = this.chars.slice(this.at + 1, close);
    const isInverted = name[0] === "^";
    const text = name.slice(isInverted ? 1 : 0).join("");
    if (open !== "{" || !Object.hasOwn(PROPERTIES, text)) throw this.refuse(`the property \\${char}{${text}}`);
    this.at = close + 1;
    return (char === "P") === isInverted ? PROPERTIES[text] : `[^${PROPERTIES[text]}]`;
  }

  private characterEscape(): string {
    const char = this.chars[this.at++];
    if (char === undefined) throw this.refuse("a \\ at its end");
    if (Object.hasOwn(CHARACTERS, char)) return CHARACTERS[char];
    if (char === "x" || char === "u") {
      const rest = this.chars.slice(this.at, this.at + 10).join("");
      const hex = /^(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2}(?:[0-9A-Fa-f]{2})?))/.exec(rest);
      const digits = hex?.[1] ?? hex?.[2]?.slice(0, char === "x" ? 2 : 4) ?? "";
      const isWhole = char === "x" ? digits !== "" : hex?.[1] === undefined && digits.length === 4;
      const code = Number.parseInt(digits, 16);
      if (!isWhole || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) throw this.refuse(`the escape \\${char}`);
      this.at += hex?.[1] === undefined ? digits.length : digits.length + 2;
      return String.fromCodePoint(code);
    }
    if (/^[A-Za-z0-9]$/.test(char)) throw this.refuse(`the escape \\${char}`);
    return char;
  }

  private group(): string {
    const [wasFolding, wasBehind] = [this.isFolding, this.isBehind];
    let open = "(?:";
    let isAtomic = false;
    if (this.takes("?")) {
      if (this.takes("i:")) this.isFolding = true;
      else if (this.takes(":")) open = "(?:";
      else if (this.takes("=")) open = "(?=";
      else if (this.takes("!")) open = "(?!";
      else if (this.takes("<=") || this.takes("<!")) {
        open = `(?<${this.chars[this.at - 1]}`;
        this.isBehind = true;
      } else if (this.takes(">")) isAtomic = true;
      else throw this.refuse(`(?${this.chars.slice(this.at, this.at + 3).join("")}`);
    }
    const inner = this.alternatives();
    if (!this.takes(")")) throw this.refuse("a ( without its )");
    this.isFolding = wasFolding;
    this.isBehind = wasBehind;
    return isAtomic ? this.atomic(`(?:${inner})`) : `${open}${inner})`;
  }

  /** What, once matched, isn't matched otherwise: found ahead, then read as it was found. */
  private atomic(inner: string): string {
    if (this.isBehind) throw this.refuse("an atomic group or possessive quantifier that looks behind");
    const name = `a${this.numAtomic++}`;
    return `(?:(?=(?<${name}>${inner}))\\k<${name}>)`;
  }

  private quantified(atom: string): string {
    const start = this.at;
    const interval = this.interval();
    let quantifier = interval;
    if (interval === null && /^[*+?]$/.test(this.next ?? "")) quantifier = this.chars[this.at++];
    if (quantifier === null) return atom;
    if (/^\(\?(?:[=!]|<[=!])/.test(atom)) throw this.refuse("a quantifier behind a look-around");
    if (interval !== null && this.isFolding) throw this.refuse(`${interval} where case is ignored`);
    if (interval !== null && /^[?+]$/.test(this.next ?? "")) {
      throw this.refuse(`the quantifier ${this.chars.slice(start, this.at + 1).join("")}`);
    }
    let source = atom + quantifier;
    if (this.takes("?")) source += "?";
    else if (this.takes("+")) source = this.atomic(source);
    if (/^[*+?]$/.test(this.next ?? "")) throw this.refuse("two quantifiers in a row");
    const again = this.at;
    if (this.interval() !== null) {
      this.at = again;
      throw this.refuse("two quantifiers in a row");
    }
    return source;
  }

  /** `{2}`, `{1,3}`, `{2,}` or `{,3}` in JavaScript's words; null (and nothing consumed) where the brace is a character. */
  private interval(): string | null {
    if (this.next !== "{") return null;
    const rest = this.chars.slice(this.at, this.at + 16).join("");
    const found = /^\{(\d*)(,?)(\d*)\}/.exec(rest);
    if (!found || (found[1] === "" && found[3] === "")) return null;
    const [whole, min, comma, max] = found;
    if (Number(min) > Number(max || Number.POSITIVE_INFINITY)) throw this.refuse(`the quantifier ${whole}`);
    this.at += whole.length;
    return comma === "" ? `{${min}}` : `{${min || 0},${max}}`;
  }

  /** A class, behind its [. */
  private set(): string {
    const isInverted = this.takes("^");
    let parts = "";
    for (let isStart = true; isStart || this.next !== "]"; isStart = false) {
      if (this.at >= this.chars.length) throw this.refuse("a [ without its ]");
      if (this.next === "&" && this.chars[this.at + 1] === "&") throw this.refuse("&& in a class");
      parts += this.setPart();
    }
    this.at++;
    return `[${isInverted ? "^" : ""}${parts}]`;
  }

  private setPart(): string {
    if (this.takes("[:")) {
      const end = this.chars.indexOf(":", this.at);
      const isInverted = this.takes("^");
      const name = this.chars.slice(this.at, end).join("");
      if (this.chars[end + 1] !== "]" || !Object.hasOwn(POSIX, name) || this.isFolding) {
        throw this.refuse(`[:${name}:]`);
      }
      this.at = end + 2;
      return isInverted ? `[^${POSIX[name]}]` : POSIX[name];
    }
    if (this.takes("[")) return this.set();
    if (this.takes("\\")) {
      const set = this.setEscape();
      if (set !== null) {
        if (this.next === "-" && this.chars[this.at + 1] !== "]") throw this.refuse("a range that begins with a class");
        return set;
      }
      return this.rangeFrom(this.next === "b" ? this.backspace() : this.characterEscape());
    }
    return this.rangeFrom(this.chars[this.at++]);
  }

  private backspace(): string {
    this.at++;
    return "\b";
  }

  private rangeFrom(first: string): string {
    const second = this.chars[this.at + 1];
    if (this.next !== "-" || second === "]" || second === undefined) return this.inSet(first, first);
    this.at += 2;
    if (second === "[") throw this.refuse("a range that ends with a class");
    if (second !== "\\") return this.inSet(first, second);
    if (/^[swdhpSWDHP]$/.test(this.next ?? "")) throw this.refuse("a range that ends with a class");
    return this.inSet(first, this.characterEscape());
  }

  private inSet(first: string, last: string): string {
    if ((first.codePointAt(0) ?? 0) > (last.codePointAt(0) ?? 0)) throw this.refuse(`the range ${first}-${last}`);
    const range = first === last ? literal(first) : `${literal(first)}-${literal(last)}`;
    if (!this.isFolding) return range;
    const isWithin = /^(?:[a-z]{2}|[A-Z]{2}|[0-9]{2})$/.test(first + last);
    if (first === last) return this.folded(first);
    if (!isWithin) throw this.refuse(`the range ${first}-${last} where case is ignored`);
    const both = `${range}${literal(first.toLowerCase())}-${literal(last.toLowerCase())}${literal(first.toUpperCase())}-${literal(last.toUpperCase())}`;
    const holds = (letter: string) => first.toLowerCase() <= letter && letter <= last.toLowerCase();
    return `${both}${holds("k") ? "\\u212a" : ""}${holds("s") ? "\\u017f" : ""}`;
  }
}
