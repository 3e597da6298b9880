import { describe, expect, it } from "vitest";
import type { PlainPrompt } from "../vocabulary/prompt.js";
import { readPrompt } from "./prompt.js";

/** A token a character, by its code, "th" one token; BOS is 0. */
const letters = {
  encode: (text: string) => (text.match(/th|./g) ?? []).map((part) => (part === "th" ? 1 : part.charCodeAt(0))),
  promptIds: (text: string) => [0, ...letters.encode(text)],
};
const read = (prompt: PlainPrompt) =>
  readPrompt(letters, prompt, { isInfill: false, maskToken: null, readsSets: true, decoder: SETS });
const SETS = { name: "set-based", canInfill: false };
const [a, b, c, h, t] = [..."abcht"].map((letter) => letter.charCodeAt(0));

describe("a prompt with sets", () => {
  it("has each piece encoded by itself, as text and as a list", () => {
    const expected = { ids: [0, a, t, h, t, h, b, c], sets: [{ start: 2, lengths: [1, 2] }] };
    expect(read("a<set>t<|>ht</set>hbc")).toEqual(expected);
    expect(read(["a", { set: ["t", "ht"] }, "hb", "c"])).toEqual(expected);
    expect(read([0, a, { set: [[t], [h, t]] }, h, b, c])).toEqual(expected);
    expect(read(["a", { set: ["t", [h, t]] }, "hb", c])).toEqual(expected);
  });

  it("begins as a prompt does where its first piece is text, be it a set's", () => {
    expect(read("<set>a<|>b</set>c")).toEqual({ ids: [0, a, b, c], sets: [{ start: 1, lengths: [1, 1] }] });
    expect(read([{ set: [[a], [b]] }, c])).toEqual({ ids: [a, b, c], sets: [{ start: 0, lengths: [1, 1] }] });
    expect(read("")).toEqual({ ids: [0], sets: [] });
  });

  it("is plain text where a set has one segment, whose tokens may span the marks", () => {
    expect(read("at<set>h</set>t")).toEqual({ ids: letters.promptIds("atht"), sets: [] });
    expect(read(["at", { set: ["h"] }, "t"])).toEqual({ ids: [0, a, 1, t], sets: [] });
    expect(read([5, { set: [[6, 7]] }, 8])).toEqual({ ids: [5, 6, 7, 8], sets: [] });
  });

  it.each<[PlainPrompt, RegExp]>([
    ["a<set>b<|></set>c", /Segment 2 of a set of 2 is empty/],
    ["a<set></set>c", /Segment 1 of a set of 1 is empty/],
    [["a", { set: [] }, "b"], /A set has no segments/],
    [["a", { set: [[b], []] }, "b"], /Segment 2 of a set of 2 is empty/],
    ["a<set>b<|>c</set>", /can't end with a set.*write something behind/],
    ["a<set>b<|>c", /isn't closed/],
    ["a <mask:3><set>b<|>c</set>d", /hole, <mask:3>, which set-based can't fill/],
  ])("is refused: %j", (prompt, message) => {
    expect(() => read(prompt)).toThrow(message);
  });

  it("is refused by other decoders where a set is whole; single marks and lists of text are text", () => {
    const other = (prompt: PlainPrompt) =>
      readPrompt(letters, prompt, {
        isInfill: false,
        maskToken: null,
        decoder: { name: "momentum", canInfill: false },
      });
    expect(() => other("a<set>b<|>c</set>d")).toThrow(
      /set, which momentum can't read: choose set-based, or leave the marks/,
    );
    for (const text of ["a<|>b", "<set>ab", "<set>ab</set>", "<|im_start|>a"]) {
      expect(other(text)).toEqual({ ids: letters.promptIds(text), sets: [] });
    }
    const marked = "a<set>b<|>c</set>d";
    expect(other([marked])).toEqual({ ids: letters.promptIds(marked), sets: [] });
    expect(read([marked])).toEqual({ ids: letters.promptIds(marked), sets: [] });
  });
});
