// probe_copy and probe_multiply: what they move and count is what they say, or the rates measured by them would be wrong.
import { expect, it } from "vitest";
import { makeOp } from "./op.js";
import { numbers } from "../../../testing/test-bed.js";
import { fileBed } from "../../../testing/file-device.js";

const bed = await fileBed();

it.each([
  [1, 1],
  [37, 10],
  [5, 64],
  [259, 130],
])("copies %i vectors by %i invocations, and nothing behind them", async (vectors, invocations) => {
  const values = numbers(1, vectors * 4 + 4);
  const target = bed.empty("target", vectors * 4 + 4);
  const bindings = [bed.uniform([vectors, invocations]), bed.floats("source", values), target];
  makeOp(bed.gpu, "probe_copy", {}, bindings).record(bed.step([0]), invocations);
  const copied = await bed.readFloats(target, values.length);
  expect(copied).toEqual(values.map((value, i) => (i < vectors * 4 ? value : 0)));
});

it.each([
  [1, 0],
  [5, 1],
  [67, 7],
  [130, 40],
])("multiplies and adds in %i invocations for %i rounds as float64 does", async (invocations, rounds) => {
  const seeds = numbers(2, invocations * 4).map((value) => 0.5 + Math.abs(value % 0.5));
  const sums = bed.empty("sums", invocations * 4);
  const bindings = [bed.uniform([invocations, rounds]), bed.floats("seeds", seeds), sums];
  makeOp(bed.gpu, "probe_multiply", {}, bindings).record(bed.step([0]), invocations);
  const actual = await bed.readFloats(sums, seeds.length);
  seeds.forEach((factor, i) => {
    let expected = 0;
    for (let j = 1; j <= 8; j++) {
      let term = factor * j;
      for (let round = 0; round < rounds; round++) term = term * factor + factor;
      expected += term;
    }
    // Each round adds a rounding of the sum.
    expect(Math.abs(actual[i] / expected - 1)).toBeLessThan(1e-6 * (rounds + 2));
  });
});
