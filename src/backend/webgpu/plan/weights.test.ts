import { expect, it } from "vitest";
import { formatOf } from "./weights.js";

it.each([
  ["F32", true, "f32"],
  ["F32", false, "f32"],
  ["F16", true, "f32"],
  ["F16", false, "f16"],
  ["BF16", true, "bf16"],
  ["BF16", false, "bf16"],
] as const)("numbers of %s lie on the device, f16 widened: %s, as %s", (dtype, widensF16, format) => {
  expect(formatOf(dtype, widensF16)).toBe(format);
});
