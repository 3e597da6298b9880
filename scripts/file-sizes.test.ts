import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

const MOST_LINES = 300;

const files = ["src", "shaders", "scripts", "bench"].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((file) => path.posix.join(folder, file))
    .filter((file) => /\.(?:ts|mjs|css|wgsl)$/.test(file) && !/\.test\.ts$|node_modules/.test(file)),
);

it("no file of the product is over 300 lines, but for what a program writes", () => {
  expect(files.length).toBeGreaterThan(500);
  const long = files.filter((file) => {
    const text = readFileSync(file, "utf8");
    return text.trimEnd().split("\n").length > MOST_LINES && !text.startsWith("// Made by `npm run ");
  });
  expect(long).toEqual([]);
});
