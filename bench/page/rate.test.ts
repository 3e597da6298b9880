import { expect, test } from "vitest";
import { decodeRate } from "./rate.js";

test("the rate counts intervals, not tokens", () => {
  const arrivals = [100, 110, 120, 130].map((atMs) => ({ atMs, numTokens: 1 }));
  expect(decodeRate(arrivals, 0)).toBe(100);
});

test("a batch of tokens at the start isn't counted as decoded in no time", () => {
  const start = [100, 100.1, 100.2].map((atMs) => ({ atMs, numTokens: 1 }));
  expect(decodeRate([...start, { atMs: 110, numTokens: 1 }, { atMs: 120, numTokens: 1 }], 0)).toBe(100);
  const batches = [
    { atMs: 100, numTokens: 3 },
    { atMs: 120, numTokens: 2 },
  ];
  expect(decodeRate(batches, 0)).toBe(100);
});

test("one batch alone has the rate of the whole run", () => {
  expect(decodeRate([{ atMs: 300, numTokens: 8 }], 100)).toBe(40);
  expect(decodeRate([], 0)).toBeNaN();
});
