import { expect, it } from "vitest";
import { fastestOf } from "./fastest.js";

const SWIFTSHADER = { forward_costs: { 1: 1, 2: 1.41, 4: 1.82, 8: 2.7 }, draft_cost: 0.26, wait_cost: 0.3 };
const LAVAPIPE = { forward_costs: { 1: 1, 2: 1.13, 4: 1.49, 8: 2.1 }, draft_cost: 0.15, wait_cost: 0.2 };

it("a draft model drafts where half of its drafts accepted would pay for it, and what occurred before where not", () => {
  const slow = fastestOf(SWIFTSHADER);
  // One draft: 1.5 tokens at the cost of two rows and a draft forward of two.
  expect(slow.byModel).toBeCloseTo(1.5 / (1.41 + 0.26 * 1.41), 12);
  expect(slow.options).toEqual({
    drafter: "suffix",
    num_assistant_tokens_schedule: "adaptive",
    num_assistant_tokens: 7,
  });
  const fast = fastestOf(LAVAPIPE);
  expect(fast.byModel).toBeCloseTo(1.5 / (1.13 + 0.15 * 1.13), 12);
  expect(fast.options).toMatchObject({ drafter: "model", num_assistant_tokens_schedule: "adaptive" });
  // Rows that cost nothing: seven drafts.
  const wide = fastestOf({ forward_costs: { 1: 1, 8: 1 }, draft_cost: 0 });
  expect(wide.byModel).toBeCloseTo(2 - 0.5 ** 7, 12);
});
