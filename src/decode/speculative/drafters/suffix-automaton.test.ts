import { describe, expect, it } from "vitest";
import { randomIds } from "../../../testing/draft-fuzz.js";
import { SuffixDrafter } from "./suffix.js";
import { SuffixAutomaton, SuffixMatcher } from "./suffix-automaton.js";

/** Longest suffix of `ids` in `text`, up to `last` of it, and where its first occurrence ends, by trying all. */
function naive(ids: readonly number[], text: readonly number[], last = text.length): { length: number; end: number } {
  for (let length = Math.min(ids.length, last); length > 0; length--) {
    const wanted = `${ids.slice(-length)}`;
    for (let end = length; end <= last; end++) {
      if (`${text.slice(end - length, end)}` === wanted) return { length, end };
    }
  }
  return { length: 0, end: 0 };
}

describe("the suffix automaton", () => {
  it("finds the longest suffix that occurred before, after every token of a text", () => {
    for (let seed = 0; seed < 12; seed++) {
      const ids = randomIds(seed, 60, 2 + (seed % 4));
      const automaton = new SuffixAutomaton();
      const matcher = new SuffixMatcher(automaton);
      ids.forEach((token, i) => {
        matcher.advance(token);
        automaton.append(token);
        const expected = naive(ids.slice(0, i + 1), ids.slice(0, i));
        expect(matcher.match.length).toBe(expected.length);
        if (expected.length > 0) expect(matcher.match.end).toBe(expected.end);
      });
    }
  });

  it("finds the longest suffix that something follows in another text", () => {
    for (let seed = 0; seed < 12; seed++) {
      const text = randomIds(seed, 40, 3);
      const automaton = new SuffixAutomaton();
      for (const token of text) automaton.append(token);
      const matcher = new SuffixMatcher(automaton);
      const ids = randomIds(seed + 1000, 40, 4);
      ids.forEach((token, i) => {
        matcher.advance(token);
        const expected = naive(ids.slice(0, i + 1), text, text.length - 1);
        expect(matcher.match.length).toBe(expected.length);
        if (expected.length > 0) expect(matcher.match.end).toBe(expected.end);
      });
    }
  });

  it("has at most two states a token, whatever the text", () => {
    for (const text of [randomIds(1, 400, 2), new Array<number>(400).fill(1), randomIds(2, 400, 40)]) {
      const automaton = new SuffixAutomaton();
      for (const token of text) automaton.append(token);
      const states = new Set<unknown>();
      const walk = [automaton.root];
      for (let state = walk.pop(); state; state = walk.pop()) {
        if (states.has(state)) continue;
        states.add(state);
        walk.push(...state.next.values());
      }
      expect(states.size).toBeLessThanOrEqual(2 * text.length);
    }
  });
});

describe("the drafter suffix", () => {
  it("goes on to a shorter suffix where nothing follows the longest: it stands at the corpus's end", () => {
    const corpus = [7, 1, 2, 9, 9, 5, 1, 2];
    expect(new SuffixDrafter(corpus, 2).draft([5, 1, 2], 3).tokens).toEqual([9, 9, 5]);
    expect(new SuffixDrafter(corpus, 3).draft([5, 1, 2], 3).tokens).toEqual([]);
  });

  it("drafts what follows an occurrence of a suffix, in the text or in a corpus that knows five tokens more", () => {
    const seen = { own: 0, corpus: 0 };
    for (let seed = 0; seed < 12; seed++) {
      const ids = randomIds(seed, 30, 3);
      const corpus = [...randomIds(seed + 500, 20, 3), ...ids.slice(8, 27), 1, 2, 0];
      const drafter = new SuffixDrafter(corpus, 2);
      for (let length = 1; length <= ids.length; length++) {
        const known = ids.slice(0, length);
        const own = naive(known, known.slice(0, -1));
        const other = naive(known, corpus, corpus.length - 1);
        const isOwn = other.length <= own.length + 5 && own.length > 0;
        const { length: matched, end } = isOwn ? own : other;
        const source = isOwn ? known : corpus;
        const { tokens } = drafter.draft(known, 6);
        expect(tokens).toEqual(matched < 2 ? [] : source.slice(end, end + 6));
        if (tokens.length > 0) seen[isOwn ? "own" : "corpus"]++;
      }
    }
    expect(Math.min(seen.own, seen.corpus)).toBeGreaterThan(20);
  });
});
