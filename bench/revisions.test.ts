import { describe, expect, it } from "vitest";
import { missingPackages, parseRange } from "./revisions.js";

describe("--against", () => {
  it("takes one revision, then the sources are the newer side", () => {
    expect(parseRange("HEAD~3")).toEqual({ older: "HEAD~3", newer: null });
  });

  it("takes two as git writes them", () => {
    expect(parseRange("v0.1..main")).toEqual({ older: "v0.1", newer: "main" });
  });

  it.each(["", "..main", "main..", "a..b..c", "a...b"])("refuses %j", (text) => {
    expect(() => parseRange(text)).toThrow("--against takes");
  });
});

describe("a revision's lock file", () => {
  const lock = (packages: Record<string, string>) => ({
    packages: Object.fromEntries(Object.entries(packages).map(([name, version]) => [name, { version }])),
  });

  it("is satisfied by the same versions and by more than it asks for", () => {
    const installed = lock({ "": "2", "node_modules/a": "1.0.0", "node_modules/b": "1.0.0" });
    expect(missingPackages(lock({ "": "1", "node_modules/a": "1.0.0" }), installed)).toEqual([]);
  });

  it("isn't by another version or a missing package, which are named", () => {
    const wanted = lock({ "node_modules/a": "1.0.0", "node_modules/c/node_modules/b": "2.0.0" });
    expect(missingPackages(wanted, lock({ "node_modules/a": "1.0.1" }))).toEqual(["a 1.0.0", "b 2.0.0"]);
  });
});
