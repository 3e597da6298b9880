import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { STEP_FIELDS } from "./select-step.js";

it("the step block's words are the fields of the kernels' struct, in its order", () => {
  const [, body] = /struct Step \{(.*?)\}/s.exec(readFileSync("shaders/select_step.wgsl", "utf8")) ?? [];
  const fields = [...(body ?? "").matchAll(/(\w+): (?:u32|f32)/g)].map(([, name]) => name);
  expect(fields.length).toBeGreaterThan(20);
  expect(STEP_FIELDS.map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))).toEqual(fields);
});
