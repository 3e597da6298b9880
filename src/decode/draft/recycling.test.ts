import { describe, expect, it } from "vitest";
import { pathsOf } from "./fuzz.js";
import { Recycler, TEMPLATE } from "./recycling.js";

const top = (first: number) => Array.from({ length: 8 }, (_, rank) => (first + rank * 3) % 50);

describe("the template of token recycling", () => {
  it("has 63 different nodes, parents first, ranks below eight, depth six at most", () => {
    const depths: number[] = [];
    for (const { parent, rank } of TEMPLATE) {
      expect(parent).toBeLessThan(depths.length);
      expect(rank).toBeLessThan(8);
      depths.push(parent < 0 ? 1 : depths[parent] + 1);
    }
    expect(TEMPLATE).toHaveLength(63);
    expect(new Set(TEMPLATE.map(({ parent, rank }) => `${parent} ${rank}`)).size).toBe(63);
    expect(Math.max(...depths)).toBe(6);
  });

  it("has a better sibling before each node, so that every beginning of it is a template", () => {
    TEMPLATE.forEach(({ parent, rank }, i) => {
      if (rank === 0) return;
      const better = TEMPLATE.findIndex((other) => other.parent === parent && other.rank === rank - 1);
      expect(better).toBeGreaterThanOrEqual(0);
      expect(better).toBeLessThan(i);
    });
  });
});

describe("token recycling", () => {
  it("keeps the eight likeliest of the last verified row of each token: of the highest row in one verification", () => {
    const recycler = new Recycler(50);
    const successors = (token: number) => Array.from({ length: 8 }, (_, rank) => recycler.successor(token, rank));
    recycler.learn([
      { token: 4, top: top(1) },
      { token: 9, top: top(2) },
      { token: 4, top: top(3) },
    ]);
    expect(successors(4)).toEqual(top(3));
    expect(successors(9)).toEqual(top(2));
    recycler.learn([{ token: 9, top: top(7) }]);
    expect(successors(9)).toEqual(top(7));
    expect(successors(4)).toEqual(top(3));
    expect(successors(5)).toEqual(new Array(8).fill(-1));
  });

  it("drafts the template filled from the successors", () => {
    const recycler = new Recycler(50);
    const all = Array.from({ length: 50 }, (_, token) => ({ token, top: top(token * 7 + 1) }));
    recycler.learn(all);
    for (const limit of [1, 4, 16, 63]) {
      const draft = recycler.draft([3, 11], limit);
      const expected: number[] = [];
      for (const { parent, rank } of TEMPLATE.slice(0, limit)) {
        expected.push(all[parent < 0 ? 11 : expected[parent]].top[rank]);
      }
      expect(draft.tokens).toEqual(expected);
      expect(draft.parents).toEqual(TEMPLATE.slice(0, limit).map(({ parent }) => parent));
    }
  });

  it("leaves out what it doesn't know, and what hangs from it", () => {
    const recycler = new Recycler(50);
    expect(recycler.draft([3], 16).tokens).toEqual([]);
    recycler.learn([{ token: 3, top: [8, 9] }]);
    const draft = recycler.draft([3], 16);
    expect(pathsOf(draft)).toEqual([[8], [9]]);
    recycler.learn([{ token: 9, top: [3] }]);
    recycler.learn([{ token: 3, top: [8, 9, 10] }]);
    // Walks the template over what is known; null for a node that isn't there.
    const known: Record<number, number[]> = { 3: [8, 9, 10], 9: [3] };
    const filled: (number[] | null)[] = [];
    for (const { parent, rank } of TEMPLATE) {
      const before = parent < 0 ? [] : filled[parent];
      const token = before && known[before.at(-1) ?? 3]?.[rank];
      filled.push(before && token ? [...before, token] : null);
    }
    const expected = filled.filter((path) => path !== null);
    expect(expected.length).toBeGreaterThan(4);
    expect(pathsOf(recycler.draft([3], 63))).toEqual(expected);
  });
});
