import { describe, expect, it } from "vitest";
import { BLOCK, dequantize, type QuantFormat, quantize } from "./quantize.js";
import { numbers } from "../testing/test-bed.js";

describe.each<[QuantFormat, number]>([
  ["q8", 0.5 / 127],
  // The block's other end lies one step outside of -8 to 7.
  ["q4", 1 / 8],
])("%s", (format, bound) => {
  it("is off by no more than its step allows, in units of the block's largest magnitude", () => {
    const values = numbers(3, BLOCK * 50).map((value, i) => value * 10 ** ((Math.floor(i / BLOCK) % 7) - 3));
    const rounded = dequantize(quantize(values, format), format);
    for (let from = 0; from < values.length; from += BLOCK) {
      const block = values.subarray(from, from + BLOCK);
      const largest = Math.max(...block.map(Math.abs));
      block.forEach((value, i) => {
        expect(Math.abs(rounded[from + i] - value)).toBeLessThanOrEqual(largest * bound * (1 + 1e-6));
      });
    }
  });

  it("holds zeros, and multiples of a block's scale, exactly", () => {
    const zeros = new Float32Array(BLOCK);
    const steps = Float32Array.from({ length: BLOCK }, (_, i) => ((i % 15) - 8) / 4);
    if (format === "q8") steps[5] = 127 / 4;
    const values = Float32Array.from([...zeros, ...steps]);
    expect(dequantize(quantize(values, format), format)).toEqual(values);
  });
});

it.each(["q8", "q4"] as const)("a block of %s with a number that isn't finite has a scale that isn't", (format) => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    for (const at of [0, 17, 31]) {
      const values = new Float32Array(2 * BLOCK).fill(0.5);
      values[at] = value;
      const { scales } = quantize(values, format);
      expect(Number.isFinite(scales[0])).toBe(false);
      expect(Number.isFinite(scales[1])).toBe(true);
    }
  }
});
