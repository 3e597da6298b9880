import { patternGraph, type PatternGraph } from "./pattern-graph.js";

/** Steps after which a pattern counts as too long to be judged. */
const MAX_STEPS = 1_000_000;

/**
 * Why a search with a pattern may take longer than anyone waits; null: it doesn't. That is a loop which reads one text in several ways
 * (time grows exponentially with the text), and more than `maxLoops` loops in a row which read the same characters (with its power).
 * Look-arounds count as true, so that some patterns are named which would do.
 */
export function slowPart(source: string, { nests, maxLoops }: { nests: boolean; maxLoops: number }): string | null {
  const graph = patternGraph(source, { nests, loopsOptional: false });
  const loose = patternGraph(source, { nests, loopsOptional: true });
  if (!graph || !loose) return "parts that are too many, or numbered back-references";
  const budget = { left: MAX_STEPS };
  const share = sharing();
  if (isAmbiguous(graph, share, budget)) return "a loop that reads one text in several ways";
  if (budget.left < 0) return "more loops than can be judged";
  return loopsInRow(loose, share) > maxLoops
    ? `more than ${maxLoops} loops in a row that read the same characters`
    : null;
}

type Sharing = (one: string, other: string) => boolean;

/** Whether two classes share a character of the first plane; one that can't be asked counts as sharing with all. */
function sharing(): Sharing {
  const known = new Map<string, Uint32Array>();
  const bitsOf = (text: string) => {
    const bits = known.get(text) ?? charactersOf(text);
    known.set(text, bits);
    return bits;
  };
  return (one, other) => {
    if (one === other) return true;
    const [bits, others] = [bitsOf(one), bitsOf(other)];
    return bits.some((word, i) => (word & others[i]) !== 0);
  };
}

let plane: string | null = null;

/** A bit for each character of the first plane. */
function charactersOf(text: string): Uint32Array {
  plane ??= Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).join("");
  const bits = new Uint32Array(0x10000 / 32);
  const [, digits] = /^\\u\{(\w{1,4})\}$/.exec(text) ?? [];
  if (digits !== undefined) {
    const code = Number.parseInt(digits, 16);
    bits[code >> 5] = 1 << (code & 31);
    return bits;
  }
  try {
    for (const { index, 0: run } of plane.matchAll(new RegExp(`${text}+`, "gv"))) {
      for (let code = index; code < index + run.length; code++) bits[code >> 5] |= 1 << (code & 31);
    }
  } catch {
    bits.fill(~0);
  }
  return bits;
}

/** Whether some place is reached from itself in two ways by one text: the product of the graph with itself says so. */
function isAmbiguous({ classes, follow }: PatternGraph, share: Sharing, budget: { left: number }): boolean {
  for (const loop of loopsOf(follow)) {
    const inside = new Set(loop);
    const nextOf = (place: number) => [...follow[place]].filter(([next]) => inside.has(next));
    if (loop.some((place) => nextOf(place).some(([, ways]) => ways > 1))) return true;
    const size = classes.length;
    const ahead = new Map<number, number[]>();
    const walk = loop.map((place) => place * size + place);
    const seen = new Set(walk);
    for (let pair = walk.pop(); pair !== undefined; pair = walk.pop()) {
      const [one, other] = [Math.floor(pair / size), pair % size];
      const pairs: number[] = [];
      for (const [a] of nextOf(one)) {
        for (const [b] of nextOf(other)) {
          if (--budget.left < 0) return false;
          if (share(classes[a], classes[b])) pairs.push(Math.min(a, b) * size + Math.max(a, b));
        }
      }
      ahead.set(pair, pairs);
      for (const next of pairs) {
        if (seen.has(next)) continue;
        seen.add(next);
        walk.push(next);
      }
    }
    // Off the diagonal, and back on it: two ways that part and meet.
    const back = new Map<number, number[]>();
    for (const [pair, pairs] of ahead) for (const next of pairs) back.set(next, [...(back.get(next) ?? []), pair]);
    const returning = new Set(loop.map((place) => place * size + place));
    for (const pair of returning) for (const before of back.get(pair) ?? []) returning.add(before);
    for (const pair of returning) if (Math.floor(pair / size) !== pair % size) return true;
  }
  return false;
}

/** The most loops that one after another read some same characters, with nothing between them that doesn't. */
function loopsInRow({ classes, follow }: PatternGraph, share: Sharing): number {
  const looping = new Set(loopsOf(follow).flat());
  let most = 0;
  for (const text of new Set([...looping].map((place) => classes[place]))) {
    const reads = classes.map((other) => share(text, other));
    const kept = follow.map((next, place) =>
      reads[place] ? new Map([...next].filter(([to]) => reads[to])) : new Map<number, number>(),
    );
    const loops = loopsOf(kept);
    const loopOf = new Map(loops.flatMap((loop, i) => loop.map((place) => [place, i] as const)));
    // Components come with those ahead of them before them.
    const chain = new Map<number, number>();
    for (const part of componentsOf(kept)) {
      const inside = new Set(part);
      const ahead = part.flatMap((place) => [...kept[place].keys()]).filter((next) => !inside.has(next));
      const own = loopOf.has(part[0]) ? 1 : 0;
      const length = own + ahead.reduce((longest, next) => Math.max(longest, chain.get(next) ?? 0), 0);
      for (const place of part) chain.set(place, length);
      most = Math.max(most, length);
    }
  }
  return most;
}

/** The strongly connected components that hold a loop. */
function loopsOf(follow: readonly ReadonlyMap<number, number>[]): number[][] {
  return componentsOf(follow).filter((part) => part.length > 1 || follow[part[0]].has(part[0]));
}

/** Strongly connected components as Tarjan finds them: each behind those that it leads to. */
function componentsOf(follow: readonly ReadonlyMap<number, number>[]): number[][] {
  const parts: number[][] = [];
  const order = new Map<number, number>();
  const open: number[] = [];
  const isOpen = new Set<number>();
  const visit = (place: number): number => {
    const own = order.size;
    let low = own;
    order.set(place, own);
    open.push(place);
    isOpen.add(place);
    for (const next of follow[place].keys()) {
      const seen = order.get(next);
      if (seen === undefined) low = Math.min(low, visit(next));
      else if (isOpen.has(next)) low = Math.min(low, seen);
    }
    if (low === own) {
      const part = open.splice(open.indexOf(place));
      for (const one of part) isOpen.delete(one);
      parts.push(part);
    }
    return low;
  };
  follow.forEach((_, place) => {
    if (!order.has(place)) visit(place);
  });
  return parts;
}
