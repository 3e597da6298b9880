import { describe, expect, it } from "vitest";
import { pathsOf, randomIds } from "../../../testing/draft-fuzz.js";
import { retrieve } from "./retrieval.js";
import { SuffixArray } from "./suffix-array.js";

describe("the suffix array", () => {
  it("is the suffixes in order of their first tokens, as sorting all of them gives it", () => {
    for (let seed = 0; seed < 30; seed++) {
      const text = randomIds(seed, 50, 2 + (seed % 3));
      for (const depth of [1, 3, 16, 60]) {
        const key = (start: number) =>
          text
            .slice(start, start + depth)
            .map((id) => String.fromCharCode(97 + id))
            .join("");
        const naive = [...text.keys()].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a - b));
        expect([...new SuffixArray(text, depth).starts]).toEqual(naive);
      }
    }
  });

  it("finds every occurrence and no other", () => {
    for (let seed = 0; seed < 30; seed++) {
      const text = randomIds(seed, 60, 3);
      const array = new SuffixArray(text, 16);
      for (let length = 1; length <= 6; length++) {
        const wanted = randomIds(seed + 100 * length, length, 3);
        const { start, end } = array.find(wanted);
        const naive = [...text.keys()].filter((at) => `${text.slice(at, at + length)}` === `${wanted}`);
        expect([...array.starts.slice(start, end)].sort((a, b) => a - b)).toEqual(naive);
      }
    }
    expect(new SuffixArray([], 16).find([1])).toEqual({ start: 0, end: 0 });
  });
});

describe("retrieval", () => {
  it("drafts the commonest beginnings of what follows the longest span, each once, parents first", () => {
    let numTrees = 0;
    for (let seed = 0; seed < 60; seed++) {
      const corpus = randomIds(seed, 200, 4);
      const ids = randomIds(seed + 1000, 20, 4);
      const limit = [1, 5, 16, 63][seed % 4];
      const counts = countBeginnings(corpus, ids);
      const draft = retrieve(new SuffixArray(corpus, 16), ids, limit);
      const paths = pathsOf(draft).map(String);
      expect(new Set(paths).size).toBe(paths.length);
      expect(paths).toHaveLength(Math.min(limit, counts.size));
      const chosen = paths.map((path) => counts.get(path) ?? 0);
      const sorted = [...counts.values()].sort((a, b) => b - a);
      expect(chosen).toEqual(sorted.slice(0, paths.length));
      if (new Set(draft.parents).size < draft.parents.length) numTrees++;
    }
    expect(numTrees).toBeGreaterThan(10);
  });

  it("drafts nothing for a suffix of two tokens that the corpus doesn't continue", () => {
    const corpus = new SuffixArray([1, 2, 3, 4], 16);
    for (const ids of [[2, 1], [9], [3, 4], [9, 3]]) expect(retrieve(corpus, ids, 8).tokens).toEqual([]);
    expect(retrieve(corpus, [9, 2, 3], 8)).toEqual({ tokens: [4], parents: [-1] });
  });

  it("goes on to a shorter span where nothing follows the longest: it stands at the corpus's end", () => {
    const corpus = new SuffixArray([7, 1, 2, 9, 9, 5, 1, 2], 16);
    expect(retrieve(corpus, [5, 1, 2], 3)).toEqual({ tokens: [9, 9, 5], parents: [-1, 0, 1] });
  });
});

/** How many continuations of the longest span begin with each path, by listing all of them. */
function countBeginnings(corpus: readonly number[], ids: readonly number[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (let span = 16; span >= 2 && counts.size === 0; span--) {
    const wanted = `${ids.slice(-span)}`;
    for (let at = 0; at + span < corpus.length; at++) {
      if (`${corpus.slice(at, at + span)}` !== wanted) continue;
      for (let length = 1; length <= 10 && at + span + length <= corpus.length; length++) {
        const path = `${corpus.slice(at + span, at + span + length)}`;
        counts.set(path, (counts.get(path) ?? 0) + 1);
      }
    }
  }
  return counts;
}
