import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { optionTypes } from "./option-types.js";

it("the options' types are those of the decoders' tables: run npm run types after a change there", () => {
  const written = readFileSync(new URL("../src/worker/decoder-options.ts", import.meta.url), "utf8");
  expect(written).toBe(optionTypes());
});
