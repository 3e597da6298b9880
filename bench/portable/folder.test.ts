import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../scripts/setup.mjs";
import { BUILT, checkPacked, copied } from "./folder.js";

const there = copied();
const has = (to: string) => there.some((one) => one.to === to);

/** Files of the sources that match, by the sources' own words. */
const source = (file: string) => readFileSync(path.join(root, file), "utf8");

describe.runIf(process.platform === "linux" && process.arch === "x64")("the portable folder", () => {
  it("takes only what is there", () => {
    for (const { from, isOptional } of there) expect(isOptional || existsSync(from), from).toBe(true);
  });

  it("has Node, both built entries' package, and what that loads", () => {
    expect(has("node")).toBe(true);
    expect(Object.keys(BUILT)).toEqual(["cli", "portable"]);
    // What the package's own entry asks for.
    const addon = /'dist', `\$\{process\.platform\}-\$\{arch\}`, '(\w+\.node)'/.exec(
      source("node_modules/webgpu/index.js"),
    );
    expect(has(`node_modules/webgpu/dist/linux-x64/${addon?.[1]}`)).toBe(true);
    for (const file of ["package.json", "index.js", "LICENSE.md"])
      expect(has(`node_modules/webgpu/${file}`)).toBe(true);
  });

  it("has the models that sections name, the fixtures, and licences", () => {
    const named = ["forwards", "story", "ways", "models"].flatMap((name) =>
      [...source(`bench/portable/${name}.ts`).matchAll(/(?:Source\(folder, |open\()"([\w-]+)"/g)].map(
        ([, model]) => model,
      ),
    );
    expect(new Set(named)).toEqual(new Set(["story-ar", "story-draft", "story-diffusion"]));
    for (const model of named) expect(has(`models/${model}`), model).toBe(true);
    for (const to of ["fixtures", "LICENSE", "NOTICE"]) expect(has(to)).toBe(true);
  });
});

it("a packed folder over 32 MiB is refused, one of 32 isn't", () => {
  expect(() => checkPacked(32 * 2 ** 20)).not.toThrow();
  expect(() => checkPacked(32 * 2 ** 20 + 1)).toThrow(/33554433 bytes .* at most 33554432/);
});
