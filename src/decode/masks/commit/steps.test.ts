import { expect, it } from "vitest";
import { share } from "./steps.js";

it("masks that don't go evenly into the steps are filled by the first ones, as LLaDA's get_num_transfer_tokens has it", () => {
  expect([0, 1, 2].map((step) => share(8, 3, step))).toEqual([3, 3, 2]);
  expect([0, 1, 2].map((step) => share(7, 3, step))).toEqual([3, 2, 2]);
  expect([0, 1, 2].map((step) => share(2, 3, step))).toEqual([1, 1, 0]);
});
