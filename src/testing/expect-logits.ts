import { expect } from "vitest";
import type { Rows } from "../seam/rows.js";
import type { ReferenceModel } from "./reference-model.js";

/** Expects the logits of these states of rows, within f32's rounding. */
export async function expectLogits(
  reference: ReferenceModel,
  rows: Rows,
  states: readonly Float64Array[],
): Promise<void> {
  const expected = reference.logits(states);
  const logits = await rows.logits();
  expect(logits).toHaveLength(expected.length);
  const scale = Math.max(...expected.map(Math.abs));
  expect(scale).toBeGreaterThan(1);
  const error = logits.reduce((most, logit, i) => Math.max(most, Math.abs(logit - expected[i])), 0);
  expect(error).toBeLessThan(2e-5 * scale);
}
