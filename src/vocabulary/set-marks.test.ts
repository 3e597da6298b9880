import { describe, expect, it } from "vitest";
import { inCanonicalOrder } from "./prompt.js";
import { hasSet, joinSets, shuffleSets, splitSets } from "./set-marks.js";

describe("sets in a text", () => {
  it("are read piece by piece, spaces and special tokens as they are written", () => {
    const text = "a <set> b<|>c </set> d<set><|im_start|>x<|y|></set>";
    expect(splitSets(text)).toEqual(["a ", { set: [" b", "c "] }, " d", { set: ["<|im_start|>x<|y|>"] }]);
    expect(joinSets(splitSets(text) as (string | { set: string[] })[])).toBe(text);
    expect(splitSets("<|im_start|>user<|im_end|>")).toEqual(["<|im_start|>user<|im_end|>"]);
    expect(splitSets("")).toEqual([""]);
  });

  it.each([
    ["a<set>b<|>c", "A set isn't closed"],
    ["a<|>b", "<|> stands outside of a set"],
    ["<set>a<|>b</set><|>", "<|> stands outside of a set"],
    ["a</set>b", "</set> closes no set"],
    ["<set>a<set>b</set></set>", "A set stands within a set"],
  ])("are refused in %j", (text, message) => {
    expect(() => splitSets(text)).toThrow(message);
    expect(() => splitSets(text)).toThrow("given as a list, [text]");
  });

  it("are known where one is whole and has several segments", () => {
    expect(hasSet("a<set>b<|>c</set>")).toBe(true);
    expect(hasSet("<set><set>b<|>c</set>")).toBe(true);
    for (const text of ["", "a<set>b</set>", "<|>", "<set>a<|>b", "a</set><|><set>", "<|im_start|>", "Set<T>"]) {
      expect(hasSet(text), text).toBe(false);
    }
  });

  it("are shuffled to another order, each for itself", () => {
    let draws = 0;
    const random = () => [0, 0.99, 0.4, 0.7, 0.2][draws++ % 5];
    const text = "a<set>b<|>c<|>d</set>e<set>f<|>g</set>";
    const seen = new Set(Array.from({ length: 20 }, () => shuffleSets(text, random)));
    expect(seen.has(text)).toBe(false);
    for (const one of seen) {
      expect(one.replace(/[bcd]/g, "x").replace(/[fg]/g, "y")).toBe("a<set>x<|>x<|>x</set>e<set>y<|>y</set>");
      expect([...one].sort()).toEqual([...text].sort());
    }
    expect(shuffleSets("a<set>b<|>b</set>", random)).toBe("a<set>b<|>b</set>");
  });
});

describe("the canonical order", () => {
  it("is by ids, a beginning before what goes on from it, and the same for all orders", () => {
    const ids = [9, 4, 5, 4, 3, 4, 10, 2, 7];
    expect(inCanonicalOrder(ids, [{ start: 1, lengths: [2, 1, 2, 2] }])).toEqual({
      ids: [9, 3, 4, 4, 4, 5, 10, 2, 7].slice(0, 9),
      sets: [{ start: 1, lengths: [2, 1, 2, 2] }],
    });
  });

  it("leaves other sets and the text between where they are", () => {
    const { ids, sets } = inCanonicalOrder(
      [1, 8, 6, 2, 7, 7, 5, 3],
      [
        { start: 1, lengths: [1, 1] },
        { start: 4, lengths: [2, 1] },
      ],
    );
    expect(ids).toEqual([1, 6, 8, 2, 5, 7, 7, 3]);
    expect(sets).toEqual([
      { start: 1, lengths: [1, 1] },
      { start: 4, lengths: [1, 2] },
    ]);
  });
});
