import { describe, expect, it } from "vitest";
import { costOfRows, curveOf } from "./cost-curve.js";

const CURVE = { rows: [1, 2, 4, 8], ratio: [1, 1.5, 2, 4] };

describe("costOfRows", () => {
  it("is the curve at its points, the line between them, and the last line beyond them", () => {
    expect([1, 2, 4, 8].map((numRows) => costOfRows(CURVE, numRows))).toEqual([1, 1.5, 2, 4]);
    expect(costOfRows(CURVE, 3)).toBe(1.75);
    expect(costOfRows(CURVE, 6)).toBe(3);
    expect(costOfRows(CURVE, 10)).toBe(5);
  });

  it("doesn't fall beyond the last point when noise made the last line fall", () => {
    expect(costOfRows({ rows: [1, 2], ratio: [1, 0.9] }, 64)).toBeCloseTo(0.9, 12);
    expect(costOfRows({ rows: [1], ratio: [1] }, 5)).toBe(1);
  });

  it("refuses less than one row", () => {
    expect(() => costOfRows(CURVE, 0)).toThrow(/0 rows/);
  });
});

describe("curveOf", () => {
  it("sorts costs by their number of rows, not by its digits", () => {
    expect(curveOf({ 16: 5, 2: 1.4, 1: 1 })).toEqual({ rows: [1, 2, 16], ratio: [1, 1.4, 5] });
    expect(curveOf({})).toEqual({ rows: [], ratio: [] });
  });
});
