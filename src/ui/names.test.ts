import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { decoders } from "../decode/index.js";
import { draftSources } from "../decode/speculative/drafters/index.js";

/** Data that names decoders, and why. */
const NAMING = [
  // What the page shows unless a person chooses.
  "src/ui/default-panes.ts",
  // Written by `npm run types`.
  "src/worker/decoder-options.ts",
  // The library's default, which its types name.
  "src/worker/model-options.ts",
];

it("no code of the page, the worker or the command line knows a decoder or a drafter by its name", () => {
  const names = [...decoders, ...draftSources].map(({ name }) => name);
  // Words that name other things as well.
  const telling = names.filter((name) => !["model", "tree"].includes(name)).join("|");
  // A kind of panes in a style sheet is no decoder.
  const literal = new RegExp(`(?<!data-kind=)"(${telling})"`);
  const isSniffed = (line: string) => /\b(decoder|drafter)\w*\.(includes|startsWith|endsWith)\(/.test(line);
  const files = ["ui", "worker", "cli"]
    .flatMap((room) => readdirSync(`src/${room}`).map((file) => `src/${room}/${file}`))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  expect(files.length).toBeGreaterThan(40);
  const naming = files.filter((file) => {
    const lines = readFileSync(file, "utf8").split("\n");
    return lines.some((line) => literal.test(line) || isSniffed(line));
  });
  expect(naming.sort()).toEqual(NAMING);
});
