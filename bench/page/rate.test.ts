import { expect, test } from "vitest";
import { decodeRate } from "./rate.js";

test("the rate counts intervals, not tokens", () => {
  const arrivals = [100, 110, 120, 130].map((atMs) => ({ atMs, numTokens: 1 }));
  expect(decodeRate(arrivals)).toBe(100);
});

test("a batch of tokens at the start isn't counted as decoded in no time", () => {
  const start = [100, 100.1, 100.2].map((atMs) => ({ atMs, numTokens: 1 }));
  expect(decodeRate([...start, { atMs: 110, numTokens: 1 }, { atMs: 120, numTokens: 1 }])).toBe(100);
  expect(
    decodeRate([
      { atMs: 100, numTokens: 3 },
      { atMs: 120, numTokens: 2 },
    ]),
  ).toBe(100);
});

test("one batch alone has no rate", () => {
  expect(decodeRate([{ atMs: 100, numTokens: 8 }])).toBeNaN();
  expect(decodeRate([])).toBeNaN();
});
