import { describe, expect, it } from "vitest";
import { parseOptions } from "./options.js";

const NAMES = ["adapter", "story"];

describe("the report's command line", () => {
  it("has defaults, and reads what is given", () => {
    const usual = { out: "triptych-report", rounds: 5, layers: null, minutes: 10, only: null };
    expect(parseOptions([], NAMES)).toEqual(usual);
    expect(parseOptions(["--only", "story,adapter", "--layers", "4", "--rounds", "2"], NAMES)).toEqual({
      ...usual,
      rounds: 2,
      layers: 4,
      only: ["story", "adapter"],
    });
    expect(parseOptions(["--help"], NAMES)).toBeNull();
  });

  it.each<[string[], RegExp]>([
    [["--only", "story,spee"], /spee: sections are adapter, story/],
    [["--rounds", "0"], /--rounds .* 1 or more, got 0/],
    [["--layers", "2.5"], /--layers .* got 2.5/],
    [["--bogus"], /--bogus/],
  ])("refuses %s", (args, message) => {
    expect(() => parseOptions(args, NAMES)).toThrow(message);
  });
});
