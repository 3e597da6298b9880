import { expect, it } from "vitest";
import { threefry2x32 } from "../src/sampling/noise.js";
import { intervalOf } from "./bootstrap.js";

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

it("the interval of a mean is 1.96 standard errors wide to each side", () => {
  const values = Array.from({ length: 200 }, (_, i) => threefry2x32(1, 2, i, 0)[0] / 2 ** 32);
  const { value, low, high } = intervalOf(values, mean);
  expect(value).toBe(mean(values));
  const error = Math.sqrt(mean(values.map((x) => (x - value) ** 2)) / values.length);
  expect((high - low) / (2 * 1.96 * error)).toBeCloseTo(1, 1);
  expect(low).toBeLessThan(value);
  expect(high).toBeGreaterThan(value);
});

it("prompts that are all alike leave no doubt", () => {
  expect(intervalOf([3, 3, 3], mean)).toEqual({ value: 3, low: 3, high: 3 });
});
