import { describe, expect, it } from "vitest";
import { randomIds } from "../../../testing/draft-fuzz.js";
import { lookUp } from "./prompt-lookup.js";

/** All matches, listed by the rule's words: longest n-gram, then leftmost, something must follow. */
function naive(ids: readonly number[], maxNgram: number, numTokens: number): number[] {
  const matches: { n: number; start: number }[] = [];
  for (let n = 1; n <= maxNgram; n++) {
    for (let start = 0; start + n < ids.length; start++) {
      if (n < ids.length && `${ids.slice(start, start + n)}` === `${ids.slice(-n)}`) matches.push({ n, start });
    }
  }
  const [best] = matches.sort((a, b) => b.n - a.n || a.start - b.start);
  return best ? ids.slice(best.start + best.n, best.start + best.n + numTokens) : [];
}

describe("prompt lookup", () => {
  it("copies what a scan of all n-grams finds", () => {
    let numFound = 0;
    for (let seed = 0; seed < 600; seed++) {
      const ids = randomIds(seed, 1 + (seed % 19), 2 + (seed % 4));
      for (const maxNgram of [1, 2, 3, 40]) {
        const { tokens, parents } = lookUp(ids, { maxNgram, numTokens: 1 + (seed % 6), eosTokens: [] });
        expect(tokens).toEqual(naive(ids, maxNgram, 1 + (seed % 6)));
        expect(parents).toEqual(tokens.map((_, i) => i - 1));
        if (tokens.length > 1) numFound++;
      }
    }
    expect(numFound).toBeGreaterThan(1000);
  });

  it("stops before an end token", () => {
    const rule = { maxNgram: 2, numTokens: 10 };
    expect(lookUp([1, 2, 3, 4, 0, 5, 1, 2], { ...rule, eosTokens: [0] }).tokens).toEqual([3, 4]);
    expect(lookUp([1, 2, 0, 5, 1, 2], { ...rule, eosTokens: [0] }).tokens).toEqual([]);
  });

  it("finds nothing in one token or in tokens that differ", () => {
    for (const ids of [[3], [1, 2, 3]]) {
      expect(lookUp(ids, { maxNgram: 2, numTokens: 5, eosTokens: [] }).tokens).toEqual([]);
    }
  });
});
