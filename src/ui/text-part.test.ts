import { describe, expect, it } from "vitest";
import { splitHoles } from "../vocabulary/holes.js";
import { cut, promptOf, rewritten, usualLength } from "./text-part.js";

const TEXT = "Tom lived in a big castle. He was sad.";

describe("a marked part", () => {
  it("is the whole words that a selection touches, with the space before them", () => {
    const whole = { before: "Tom lived in a", old: " big castle", behind: ". He was sad." };
    expect(cut(TEXT, 15, 25)).toEqual(whole);
    expect(cut(TEXT, 17, 21)).toEqual(whole);
    expect(cut(TEXT, 14, 20)).toEqual(whole);
    expect(cut(TEXT, 0, 2)).toEqual({ before: "", old: "Tom", behind: TEXT.slice(3) });
    expect(cut(TEXT, 15, 26)).toEqual({ ...whole, old: " big castle.", behind: " He was sad." });
    expect(cut(TEXT, 3, 4)).toBeNull();
    expect(cut(TEXT, 5, 5)).toBeNull();
  });

  it("becomes a hole between the same texts, which stay as they are", () => {
    const part = cut(TEXT, 15, 25) as NonNullable<ReturnType<typeof cut>>;
    const prompt = promptOf(part, 3);
    expect(prompt).toBe("Tom lived in a <mask:3>. He was sad.");
    expect(splitHoles(prompt)).toEqual({ before: part.before, holes: [{ length: 3, behind: part.behind }] });
    expect(rewritten(part, " little red house. He was sad.")).toBe(" little red house");
    expect(rewritten(part, " little red house. He is sad.")).toBeNull();
  });

  it("has about as many tokens as words and signs", () => {
    expect([" big castle", "don't.", " a"].map(usualLength)).toEqual([2, 4, 1]);
  });
});
