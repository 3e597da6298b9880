import { describe, expect, it } from "vitest";
import { definedChoice, definedLength } from "../testing/defined-length.js";
import { numbers } from "../testing/test-bed.js";
import { leastResisted, repeatedLength } from "./resistance.js";

/** Ids below `vocab`, the same for the same seed. */
const ids = (seed: number, length: number, vocab: number) =>
  Array.from(numbers(seed, length), (x) => Math.floor(((x + 1) / 2) * vocab));

describe("the repetition that a token would make", () => {
  it("is the longest end of the text with it that occurred before, of so many tokens at most", () => {
    for (let seed = 0; seed < 60; seed++) {
      const vocab = 1 + (seed % 6);
      const text = ids(seed, seed % 41, vocab);
      const most = 1 + (seed % 7);
      for (let next = 0; next <= vocab; next++) {
        expect(repeatedLength(text, next, most), `${next} behind ${text}`).toBe(definedLength(text, next, most));
      }
    }
  });

  it("is 0 where no length counts, and behind no text", () => {
    expect(repeatedLength([1, 1, 1], 1, 0)).toBe(0);
    expect(repeatedLength([], 1, 5)).toBe(0);
  });

  it("may lap over itself", () => {
    expect(repeatedLength([2, 7, 7, 7], 7, 5)).toBe(3);
    expect(repeatedLength([1, 2, 1, 2, 1], 2, 5)).toBe(4);
  });
});

describe("of candidates", () => {
  it("the one is taken that the definition takes", () => {
    const lengths = new Set<number>();
    const places = new Set<number>();
    for (let seed = 0; seed < 60; seed++) {
      const text = ids(seed, seed % 53, 3);
      const shares = Array.from(numbers(seed + 99, 4), (x) => x + 1.01).sort((a, b) => b - a);
      const total = shares.reduce((a, b) => a + b);
      const candidates = shares.map((share, token) => ({
        token,
        probability: share / total,
        logprob: Math.log(share / total),
      }));
      const resistance = [
        [0, 0.1, 0.3, 0.5],
        [0, 0.05, Infinity],
        [0, 0, 0, 0, 0.4, Infinity],
      ][seed % 3];
      const { place, lengths: own } = definedChoice(candidates, text, resistance);
      for (const length of own) lengths.add(length);
      places.add(place);
      expect(leastResisted(candidates, text, resistance)).toBe(candidates[place]);
    }
    expect([...lengths].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(places.size).toBe(4);
  });

  it("that are equal the first is taken, and of those that are all ruled out", () => {
    const candidates = [3, 1, 2].map((token) => ({ token, logprob: Math.log(0.25) }));
    expect(leastResisted(candidates, [], [0, 1])).toBe(candidates[0]);
    expect(leastResisted(candidates, [1, 2, 3], [0, Infinity])).toBe(candidates[0]);
    expect(leastResisted(candidates, [3, 2], [0, Infinity])).toBe(candidates[1]);
  });
});
