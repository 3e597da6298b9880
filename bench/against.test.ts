import { describe, expect, it } from "vitest";
import type { Block } from "./against/duel.js";
import { orderOf, pairUp } from "./against.js";

const block = (ids: number[], tokensPerSecond: number, timeToFirstTokenMs: number): Block => ({
  ids,
  tokensPerSecond,
  timeToFirstTokenMs,
  ownMs: 0,
  forwards: 0,
  dispatches: 0,
});

describe("two revisions", () => {
  it("take turns at being first", () => {
    expect([0, 1, 2, 3].map((i) => orderOf(i)[0])).toEqual(["new", "old", "new", "old"]);
    expect(orderOf(1)).toEqual(["old", "new"]);
  });

  it("are compared round by round: twice the rate is half the time", () => {
    const { tokenTime, firstTokenTime } = pairUp(
      "way",
      [block([1], 200, 10), block([1], 50, 30)],
      [block([1], 100, 20), block([1], 100, 10)],
    );
    expect(tokenTime).toEqual([0.5, 2]);
    expect(firstTokenTime).toEqual([0.5, 3]);
  });

  it("with completions of other lengths aren't equal", () => {
    const { equalIds, numIds } = pairUp("way", [block([1, 2], 1, 1)], [block([1, 2, 3], 1, 1)]);
    expect([equalIds, numIds]).toEqual([2, 3]);
  });
});
