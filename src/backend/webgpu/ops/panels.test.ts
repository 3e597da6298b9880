import { expect, it } from "vitest";
import { packPanels } from "./panels.js";

/** A 5 × 6 matrix whose element (row, column) is 10 · row + column + 1. */
const matrix = Float32Array.from({ length: 30 }, (_, i) => 10 * Math.floor(i / 6) + (i % 6) + 1);

it("gives each lane its columns as one block, lanes side by side, four terms of all at a time", () => {
  const packed = packPanels(matrix, { n: 5, k: 6 }, { COLUMNS: 2, LANES: 2 });
  // Panel 0, first four terms: lane 0 has rows 0 and 2, lane 1 has rows 1 and 3; then their last two terms, padded.
  expect(Array.from(packed.subarray(0, 16))).toEqual([1, 2, 3, 4, 21, 22, 23, 24, 11, 12, 13, 14, 31, 32, 33, 34]);
  expect(Array.from(packed.subarray(16, 24))).toEqual([5, 6, 0, 0, 25, 26, 0, 0]);
  // Panel 1 holds row 4 and three rows of padding.
  expect(Array.from(packed.subarray(32, 40))).toEqual([41, 42, 43, 44, 0, 0, 0, 0]);
  expect(packed).toHaveLength(64);
});

it("gives each panel of a gated matrix columns of gate, then the same ones of up", () => {
  const gated = packPanels(matrix.subarray(0, 24), { n: 4, k: 6 }, { COLUMNS: 2, LANES: 1 }, true);
  // Rows 0 and 1 are gate, 2 and 3 are up: panel 0 is rows 0 and 2.
  expect(Array.from(gated.subarray(0, 8))).toEqual([1, 2, 3, 4, 21, 22, 23, 24]);
  expect(Array.from(gated.subarray(16, 24))).toEqual([11, 12, 13, 14, 31, 32, 33, 34]);
});

it("keeps the storage type", () => {
  expect(packPanels(new Uint16Array(8), { n: 2, k: 4 }, { COLUMNS: 1, LANES: 1 })).toBeInstanceOf(Uint16Array);
});
