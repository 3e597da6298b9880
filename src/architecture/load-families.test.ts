// Which configs need the other families, in a page that has read none: a module of its own, behind those of the other tests.
import { readdirSync, readFileSync } from "node:fs";
import { beforeEach, expect, it, vi } from "vitest";

const read = (folder: string) =>
  JSON.parse(readFileSync(new URL(`../../${folder}/config.json`, import.meta.url), "utf8"));

let families: typeof import("./families.js");
beforeEach(async () => {
  vi.resetModules();
  families = await import("./families.js");
});

it("loads nothing more for the package's own models", async () => {
  const before = families.families();
  for (const name of readdirSync(new URL("../../public/models", import.meta.url)))
    if (!name.includes(".")) await families.loadFamilies(read(`public/models/${name}`));
  expect(families.families()).toHaveLength(before.length);
  expect(families.familyOf("gemma2")).toBeUndefined();
});

it.each([
  [{ model_type: "gemma2" }],
  [{ model_type: "bloom" }],
  [{}],
  [null],
  [{ model_type: "llama", rope_scaling: { type: "linear", factor: 2 } }],
  [{ model_type: "llama", rope_scaling: { factor: 2 } }],
  [{ model_type: "qwen3", rope_parameters: { rope_type: "yarn", rope_theta: 1e6 } }],
])("loads them for %j, once", async (config) => {
  await Promise.all([families.loadFamilies(config), families.loadFamilies(config)]);
  const types = families.families().flatMap((family) => family.types);
  expect(types).toContain("gemma2");
  expect(new Set(types).size).toBe(types.length);
});

it("loads nothing more for rotations that are as they were trained", async () => {
  await families.loadFamilies({
    model_type: "qwen3",
    rope_scaling: null,
    rope_parameters: { rope_type: "default", rope_theta: 1e6 },
  });
  expect(families.familyOf("gemma2")).toBeUndefined();
});

it("says which call was left out, where a config is parsed without them", async () => {
  const { parseConfig } = await import("./config.js");
  expect(() => parseConfig({ model_type: "gemma2" })).toThrow(/families were not loaded/);
});
