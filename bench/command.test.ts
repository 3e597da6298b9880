import { describe, expect, it } from "vitest";
import { parseCommand } from "./command.js";

describe("the benchmark's command line", () => {
  it("reads mode, rounds and revisions", () => {
    const range = { older: "HEAD~1", newer: null };
    const usual = { numRounds: 5, isRecorded: true, isWhole: false, range: null };
    expect(parseCommand(["decode"])).toEqual({ mode: "decode", ...usual });
    expect(parseCommand(["speculation", "--all"])).toEqual({ mode: "speculation", ...usual, isWhole: true });
    expect(parseCommand(["decode", "--no-record"])).toMatchObject({ isRecorded: false });
    expect(parseCommand(["diffusion", "--repeat", "7", "--against", "HEAD~1"])).toEqual({
      mode: "diffusion",
      numRounds: 7,
      isRecorded: true,
      isWhole: false,
      range,
    });
  });

  it("answers --help without a mode", () => {
    expect(parseCommand(["--help"])).toBeNull();
  });

  it.each<[string, string[], RegExp]>([
    ["no mode", [], /decode.*peers/],
    ["a mode that every object has", ["toString"], /decode.*peers/],
    ["two modes", ["decode", "peers"], /decode.*peers/],
    ["no whole number of rounds", ["decode", "--repeat", "1.5"], /--repeat/],
    ["an unknown flag", ["decode", "--bogus"], /--bogus/],
    ["--against where there is nothing to interleave", ["gate", "--against", "HEAD"], /decode or diffusion, not gate/],
    ["--all where nothing is left out", ["decode", "--all"], /--all goes with speculation/],
    ["half a range", ["decode", "--against", "HEAD.."], /HEAD\.\./],
  ])("refuses %s", (_, args, message) => {
    expect(() => parseCommand(args)).toThrow(message);
  });
});
