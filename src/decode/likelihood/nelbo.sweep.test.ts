import { describe, expect, it } from "vitest";
import { InvalidOptionError } from "../../vocabulary/errors.js";
import { randomJoint, sequenceOf, tabularLaw } from "../../testing/laws.js";
import { mockModel } from "../../backend/host/mock.js";
import { nelboOfRows } from "./nelbo.js";

const LENGTH = 32;
const NUM_TOKENS = 2;
/** Eight tokens that depend on each other; the others of a row of 32 are always the same. */
const JOINT = randomJoint(5, NUM_TOKENS, 8);
const PADDING = new Array<number>(LENGTH - JOINT.length).fill(0);

/** Knows `JOINT` exactly, and that id 0 follows. */
function model(block: number, inPlace = true) {
  const law = tabularLaw(JOINT, NUM_TOKENS);
  const capabilities = { causal: false, blockLengths: [block], inPlace, maskToken: NUM_TOKENS };
  return mockModel({
    law: {
      ...law,
      logits: (cell, seen) =>
        cell.position < JOINT.length
          ? law.logits(
              cell,
              seen.filter(({ position }) => position < JOINT.length),
            )
          : Float64Array.of(0, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY),
    },
    capabilities: { ...capabilities, vocabSize: NUM_TOKENS + 1, maxLength: LENGTH },
  });
}

/** -log P of the row behind its first token, which is given. */
function exactNll(row: readonly number[]): number {
  let whole = 0;
  let first = 0;
  JOINT.probability.forEach((p, index) => {
    const ids = sequenceOf(JOINT, index);
    if (ids[0] === row[0]) first += p;
    if (ids.every((id, i) => id === row[i])) whole += p;
  });
  return -Math.log(whole / first);
}

const ROWS = [37, 211, 0, 144].map((index) => [...sequenceOf(JOINT, index), ...PADDING]);
const EXACT = ROWS.reduce((sum, row) => sum + exactNll(row), 0) / (ROWS.length * (LENGTH - 1));
describe("the bound of a model that knows the law exactly is its likelihood", () => {
  it("with blocks of one token in every draw", async () => {
    const result = await nelboOfRows(model(1), ROWS, { block: 1, draws: 2, seed: 3 });
    expect(result.tokens).toBe(ROWS.length * (LENGTH - 1));
    expect(result.standard_error).toBeLessThan(1e-9);
    expect(result.nelbo).toBeCloseTo(EXACT, 6);
  });

  it.each([2, 4, 8, 32])("on average, within its own error, with blocks of %i", async (block) => {
    const { nelbo, standard_error } = await nelboOfRows(model(block), ROWS, { block, draws: 200, seed: 4 });
    expect(standard_error).toBeGreaterThan(0);
    expect(standard_error).toBeLessThan(0.03);
    expect(Math.abs(nelbo - EXACT)).toBeLessThan(4 * standard_error);
  });
});

it("a bound is refused for blocks the model wasn't trained with, and without an error to give", async () => {
  const of = (block: number, draws: number) => nelboOfRows(model(4), ROWS, { block, draws, seed: 0 });
  await expect(of(8, 2)).rejects.toThrow(/block:8 .*takes block:4/);
  await expect(of(4, 1)).rejects.toThrow(InvalidOptionError);
  const shifted = nelboOfRows(model(4, false), ROWS, { block: 4, draws: 2, seed: 0 });
  await expect(shifted).rejects.toThrow(/fill a position in place; this one fills it from the row before/);
});
