/** Places of a regular expression that read a character, and which may come behind which. */
export interface PatternGraph {
  /** What each place reads, as a class of flag `v` or an escape. */
  classes: readonly string[];
  /** By place: the places that may read next, with the number of ways to get there: 1, or 2 for more. */
  follow: readonly ReadonlyMap<number, number>[];
}

/** How a pattern becomes a graph. */
export interface GraphReading {
  /** Brackets in a class open a class, as with flag `v`. */
  nests: boolean;
  /** What is optional may repeat. */
  loopsOptional: boolean;
}

interface Fragment {
  first: ReadonlyMap<number, number>;
  last: ReadonlyMap<number, number>;
  /** Ways to read nothing. */
  empty: number;
  /** It looks around, so that ways to read nothing may exclude one another. */
  looks: boolean;
}
/** Makes the places of a part, anew each time: a part that repeats has them several times. */
type Part = () => Fragment;

const MAX_PLACES = 1_000;
/** Copies that are made of a part that repeats a fixed number of times. */
const MAX_COPIES = 8;
const NOTHING: Fragment = { first: new Map(), last: new Map(), empty: 1, looks: false };
const LOOK: Fragment = { ...NOTHING, looks: true };

/** The graph of a pattern that JavaScript takes; null for one that is too long, or has numbered back-references. */
export function patternGraph(source: string, reading: GraphReading): PatternGraph | null {
  try {
    return new Reader(source, reading).graph();
  } catch (error) {
    if (error === UNREAD) return null;
    throw error;
  }
}

const UNREAD = new Error("unread");
const atMost2 = (count: number) => Math.min(count, 2);

function added(one: ReadonlyMap<number, number>, other: ReadonlyMap<number, number>, times = 1) {
  const sum = new Map(one);
  if (times > 0) for (const [place, count] of other) sum.set(place, atMost2((sum.get(place) ?? 0) + count * times));
  return sum;
}

class Reader {
  private readonly classes: string[] = [];
  private readonly follow: Map<number, number>[] = [];
  private readonly named = new Map<string, Part>();
  private at = 0;

  constructor(
    private readonly source: string,
    private readonly reading: GraphReading,
  ) {}

  graph(): PatternGraph {
    this.alternatives()();
    return { classes: this.classes, follow: this.follow };
  }

  private takes(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source);
    if (found) this.at += found[0].length;
    return found;
  }

  private alternatives(): Part {
    const branches: Part[] = [];
    do {
      const parts: Part[] = [];
      while (this.at < this.source.length && !/[|)]/.test(this.source[this.at])) parts.push(this.quantified());
      branches.push(() => parts.reduce((before: Fragment, part) => this.joined(before, part()), NOTHING));
    } while (this.takes(/\|/y));
    return branches.length === 1 ? branches[0] : () => either(branches.map((branch) => branch()));
  }

  private quantified(): Part {
    const part = this.atom();
    const found = this.takes(/(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/y);
    if (!found) return part;
    const [, sign, digits, comma, most] = found;
    if (sign === "?" || (digits === "0" && most === "1")) {
      return this.reading.loopsOptional ? this.repeated(part, true) : () => either([part(), NOTHING]);
    }
    if (sign) return this.repeated(part, sign === "*");
    const min = Number(digits);
    const copies: Part[] = new Array(Math.min(min, MAX_COPIES)).fill(part);
    if (min > MAX_COPIES || (comma !== "" && most !== digits)) copies.push(this.repeated(part, true));
    return () => copies.reduce((before: Fragment, copy) => this.joined(before, copy()), NOTHING);
  }

  private atom(): Part {
    const { source } = this;
    if (source[this.at] === "[") return this.place(this.classText());
    if (this.takes(/\((?:\?<?[=!])/y)) return this.lookAround();
    const group = this.takes(/\((?:\?:|\?<(\w+)>)?/y);
    if (group) {
      const inner = this.alternatives();
      this.at++;
      if (group[1] !== undefined) this.named.set(group[1], inner);
      return inner;
    }
    if (this.takes(/\^|\$|\\[bB]/y)) return () => LOOK;
    const again = this.takes(/\\k<(\w+)>/y);
    // What an atomic group has found is read once more: by the same loops.
    if (again) return this.named.get(again[1]) ?? refuse;
    if (this.takes(/\\[1-9]/y)) throw UNREAD;
    const escaped = this.takes(/\\(?:[pPu]\{[^}]*\}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|c[A-Za-z]|[\s\S])/y);
    if (escaped) return this.place(escaped[0]);
    if (this.takes(/\./y)) return this.place("[^\\n]");
    const char = String.fromCodePoint(source.codePointAt(this.at) as number);
    this.at += char.length;
    return this.place(`\\u{${(char.codePointAt(0) as number).toString(16)}}`);
  }

  private classText(): string {
    const start = this.at;
    let depth = 0;
    do {
      const char = this.source[this.at++];
      if (char === "\\") this.at++;
      else if (char === "[" && (depth === 0 || this.reading.nests)) depth++;
      else if (char === "]") depth--;
    } while (depth > 0 && this.at < this.source.length);
    return this.source.slice(start, this.at);
  }

  /** A search of its own: what it reads isn't read for what stands around it. */
  private lookAround(): Part {
    const inner = this.alternatives();
    this.at++;
    return () => {
      inner();
      return LOOK;
    };
  }

  private place(text: string): Part {
    return () => {
      if (this.classes.length === MAX_PLACES) throw UNREAD;
      const self = new Map([[this.classes.length, 1]]);
      this.classes.push(text);
      this.follow.push(new Map());
      return { first: self, last: self, empty: 0, looks: false };
    };
  }

  private link({ last }: Fragment, { first }: Fragment): void {
    for (const [from, count] of last) this.follow[from] = added(this.follow[from], first, count);
  }

  private joined(before: Fragment, after: Fragment): Fragment {
    this.link(before, after);
    return {
      first: added(before.first, after.first, before.empty),
      last: added(after.last, before.last, after.empty),
      empty: atMost2(before.empty * after.empty),
      looks: before.looks || after.looks,
    };
  }

  private repeated(part: Part, isOptional: boolean): Part {
    return () => {
      const inner = part();
      this.link(inner, inner);
      // An engine goes through no round that reads nothing.
      return { ...inner, empty: isOptional ? 1 : inner.empty };
    };
  }
}

function refuse(): never {
  throw UNREAD;
}

function either(branches: readonly Fragment[]): Fragment {
  const looking = branches.filter(({ looks }) => looks);
  const ways = branches.reduce((sum, { looks, empty }) => sum + (looks ? 0 : empty), 0);
  return {
    first: branches.reduce((sum, { first }) => added(sum, first), new Map<number, number>()),
    last: branches.reduce((sum, { last }) => added(sum, last), new Map<number, number>()),
    empty: atMost2(ways + Math.max(0, ...looking.map(({ empty }) => empty))),
    looks: looking.length > 0,
  };
}
