import { describe, expect, it, vi } from "vitest";
import { pathsOf, randomIds } from "../../../testing/draft-fuzz.js";
import { Lookahead } from "./lookahead.js";
import { NgramPool } from "./ngram-pool.js";
import { chainOf } from "./source.js";

describe("the n-gram pool", () => {
  it("keeps the most recent n-grams behind each token, each once", () => {
    const pool = new NgramPool(3, 3);
    for (const ngram of [
      [1, 2, 3],
      [1, 4, 5],
      [1, 2, 3],
      [2, 2, 2],
    ])
      pool.add(ngram);
    expect(pool.behind(1)).toEqual([
      [2, 3],
      [4, 5],
    ]);
    pool.add([1, 6, 6]);
    pool.add([1, 7, 7]);
    expect(pool.behind(1)).toEqual([
      [7, 7],
      [6, 6],
      [2, 3],
    ]);
    expect(pool.behind(9)).toEqual([]);
  });

  it("holds the n-grams of the text, read in pieces or at once", () => {
    const ids = randomIds(1, 40, 3);
    const pieces = new NgramPool(3, 4);
    for (let length = 1; length <= ids.length; length++) pieces.read(ids.slice(0, length));
    const whole = new NgramPool(3, 4);
    whole.read(ids);
    for (const token of [0, 1, 2]) expect(pieces.behind(token)).toEqual(whole.behind(token));
    expect(whole.behind(ids[37])[0]).toEqual(ids.slice(38));
  });
});

describe("lookahead", () => {
  // A target that tells from a token and its position what follows.
  const next = (token: number, position: number) => (token * 5 + position * position) % 17;
  const sizes = { level: 4, window: 5, guesses: 3 };

  it("drafts its window as rows of a tree with room for guesses, no path twice", () => {
    const lookahead = new Lookahead(sizes, 1);
    const ids = randomIds(5, 12, 17);
    lookahead.pool.add([ids[11], 20, 21, 22]);
    for (const limit of [1, 3, 8, 15, 30]) {
      const draft = lookahead.draft(ids, limit);
      expect(draft.tokens).toContain(20);
      const paths = pathsOf(draft);
      expect(paths.length).toBeLessThanOrEqual(limit);
      expect(new Set(paths.map(String)).size).toBe(paths.length);
    }
    expect(pathsOf(lookahead.draft(ids, 30)).filter((path) => path.length === 5).length).toBeGreaterThan(0);
  });

  it.each([
    { perRound: 1, numOwn: 5 },
    // Each round two tokens: the window's columns move by one, so that two of five are old enough.
    { perRound: 2, numOwn: 2 },
  ])("makes n-grams of the target's own out of guesses, $perRound tokens a round", ({ perRound, numOwn }) => {
    const lookahead = new Lookahead(sizes, 1);
    const ids = randomIds(2, 10, 17);
    const added = vi.spyOn(lookahead.pool, "add");
    for (let round = 0; round < 12; round++) {
      const draft = lookahead.draft(ids, 40);
      const depths = [0];
      for (const parent of draft.parents) depths.push(depths[parent + 1] + 1);
      const tokens = [ids[ids.length - 1], ...draft.tokens];
      added.mockClear();
      lookahead.learn(tokens.map((token, i) => ({ token, top: [next(token, ids.length - 1 + depths[i])] })));
      expect(added).toHaveBeenCalledTimes(5);
      added.mock.calls.slice(0, round < 4 ? 0 : numOwn).forEach(([ngram], column) => {
        const follow = ngram.slice(0, -1).map((token, i) => next(token, ids.length + column + i));
        expect(ngram.slice(1)).toEqual(follow);
      });
      for (let i = 0; i < perRound; i++) ids.push(next(ids[ids.length - 1], ids.length - 1));
    }
  });

  it("drafts the n-grams behind the last token beside the window", () => {
    const lookahead = new Lookahead(sizes, 1);
    lookahead.pool.add([4, 5, 6, 7]);
    lookahead.pool.add([4, 5, 9, 9]);
    const paths = pathsOf(lookahead.draft([1, 2, 4], 40)).map(String);
    expect(paths).toContain("5,6,7");
    expect(paths).toContain("5,9,9");
  });

  it("does without what it wasn't taught", () => {
    const lookahead = new Lookahead(sizes, 1);
    const verified = (tokens: number[]) => tokens.map((token) => ({ token, top: [next(token, 0)] }));
    lookahead.learn(verified([1]));
    const draft = lookahead.draft([1, 2, 3], 12);
    expect(draft.tokens.length).toBeGreaterThan(0);
    lookahead.learn(verified([3, ...draft.tokens]));
    expect(chainOf([4, 5])).toEqual({ tokens: [4, 5], parents: [-1, 0] });
  });
});
