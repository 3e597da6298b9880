import { expect, it } from "vitest";
import type { Model } from "../seam/model.js";
import { ReferenceModel } from "../testing/reference-model.js";
import { CHECK_ROWS, CHECK_TOKENS, checkedModel, KNOWN, largestError, MOST_ERROR } from "./self-check.js";

/** A device that answers with these logits, one forward after another. */
function answering(...forwards: number[][]): Model {
  const logits = async () => Float32Array.from(forwards.shift() ?? []);
  return { session: () => ({ forward: () => ({ logits }), dispose: () => {} }) } as unknown as Model;
}

const { vocabSize } = checkedModel().architecture;
const split = (logits: readonly number[]) => [logits.slice(0, -vocabSize), logits.slice(-vocabSize)];

it("the stored logits are those of float64", () => {
  const { architecture, tensors } = checkedModel();
  const reference = ReferenceModel.of(architecture, tensors);
  const tokens = [...CHECK_TOKENS.together, CHECK_TOKENS.behind];
  const states = reference.states({ rows: tokens.map((id) => reference.embed(id)), positions: [...tokens.keys()] });
  const rows = [...CHECK_ROWS, tokens.length - 1].map((row) => states[row]);
  const logits = reference.logits(rows);
  expect(KNOWN).toHaveLength(logits.length);
  logits.forEach((logit, i) => {
    expect(KNOWN[i]).toBeCloseTo(logit, 4);
  });
});

it("a device whose numbers are right is off by nothing", async () => {
  expect(await largestError(answering(...split(KNOWN)))).toBeLessThan(1e-5);
});

it.each([
  [0.31, 5],
  [-0.02, KNOWN.length - 1],
  [Number.NaN, 20],
  [Number.NEGATIVE_INFINITY, 0],
])("a device with one logit off by %d is found, at place %d", async (error, at) => {
  const wrong = KNOWN.map((logit, i) => (i === at ? logit + error : logit));
  const found = await largestError(answering(...split(wrong)));
  expect(found).toBeGreaterThan(MOST_ERROR);
  if (Number.isFinite(error)) expect(found).toBeCloseTo(Math.abs(error), 5);
  else expect(found).toBe(Number.POSITIVE_INFINITY);
});
