import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { planted, readMutants } from "./mutants.mjs";

describe("the kept faults", () => {
  it.each(readMutants())("can be planted: $fault", (mutant) => {
    // Where the code has changed, the fault has to follow it: npm run test:mutants says whether it is noticed.
    expect(() => planted(mutant)).not.toThrow();
    expect(mutant.tests.filter((file) => !existsSync(file))).toEqual([]);
  });

  it("are many, each with a name of its own", () => {
    const names = readMutants().map(({ fault }) => fault);
    expect(names.length).toBeGreaterThanOrEqual(40);
    expect(new Set(names).size).toBe(names.length);
  });

  it("are refused where what they replace isn't there, or not once", () => {
    const fault = { fault: "f", file: "a.ts", search: "a", replace: "b", tests: [] };
    expect(planted(fault, "x a x")).toBe("x b x");
    expect(() => planted(fault, "x")).toThrow(/"f": "a" is 0 times in a\.ts/);
    expect(() => planted(fault, "aa")).toThrow(/2 times/);
  });
});
