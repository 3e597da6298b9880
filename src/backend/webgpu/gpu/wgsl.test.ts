import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { expandWgsl } from "./wgsl.js";

const MATMUL = {
  ROWS: 2,
  COLUMNS: 3,
  WEIGHT: "f32",
  GROUPS: 1,
  QUANTISED: false,
  INT8: false,
  HALF: false,
  NORMED: false,
  GATHER: false,
  FEEDS: false,
  BIAS: false,
  DELTA: false,
  ADD: false,
  GATED: false,
  ACTIVATION: "none",
  CAPPED: false,
  WORKGROUP_SIZE: 4,
};

describe("expandWgsl", () => {
  it("unrolls loops, chooses branches and puts constants in, leaving no directive behind", () => {
    const text = expandWgsl("matmul", MATMUL);
    expect(text).not.toMatch(/^\s*#|\$\{/m);
    expect(text.match(/var a\d_\d\s*=\s*0\.0;/g)).toHaveLength(6);
    expect(text).not.toContain("fn activate");
    expect(text).toContain("@workgroup_size(4)");
  });

  it("includes a file once, however many ask for it", () => {
    expect(
      expandWgsl("rope_store", {
        ...{ D4: 2, CACHE: "f32", CELLS: 2, QK_NORM: true, QK_WHOLE: false, NORM_GROUPS: 4, WORKGROUP_SIZE: 16 },
      }).match(/struct Row\s*\{/g),
    ).toHaveLength(1);
  });

  it("names the constant that has no value, and the file that isn't there", () => {
    const { BIAS: _, ...missing } = MATMUL;
    expect(() => expandWgsl("matmul", missing)).toThrow(/BIAS/);
    expect(() => expandWgsl("no_such", {})).toThrow(/no_such/);
  });
});

describe("shaders", () => {
  const names = readdirSync("shaders").filter((name) => name.endsWith(".wgsl"));

  it.each(names)("%s opens with the five lines of the header", (name) => {
    const lines = readFileSync(`shaders/${name}`, "utf8").split("\n");
    const labels = lines.flatMap((line) => /^\/\/ (what|in|constants|share|source):/.exec(line)?.[1] ?? []);
    expect(labels).toEqual(["what", "in", "constants", "share", "source"]);
  });

  it.each(names)("%s binds at most 8 storage buffers", (name) => {
    const text = readFileSync(`shaders/${name}`, "utf8");
    const bindings = new Set([...text.matchAll(/@binding\((\d+)\)\s*var<storage/g)].map(([, index]) => index));
    expect(bindings.size).toBeLessThanOrEqual(8);
  });
});
