import { describe, expect, it } from "vitest";
import { keyBias, paddingOf } from "./key-bias.js";

/** Which keys each row sees, of those before the rows of zeros. */
function seen(bias: Float32Array, numRows: number, numKeys: number): number[][] {
  const stride = numKeys + paddingOf(numKeys);
  expect(bias.length).toBe(numRows * stride);
  return Array.from({ length: numRows }, (_, row) => {
    const own = [...bias.subarray(row * stride, (row + 1) * stride)];
    // A row of zeros counts beside nothing that is seen, and for more than what is not.
    for (const value of own.slice(numKeys)) expect(value).toBe(Math.fround(-1e30));
    for (const value of own) expect(Number.isFinite(value)).toBe(true);
    return own.slice(0, numKeys).flatMap((value, key) => (value > -1e30 ? [key] : []));
  });
}

describe("the bias of keys", () => {
  it("is of a multiple of 16 keys, with at least one of zeros", () => {
    expect([0, 1, 15, 16, 17, 40].map((numKeys) => numKeys + paddingOf(numKeys))).toEqual([16, 16, 16, 32, 32, 48]);
  });

  it("is causal unless given", () => {
    const positions = Int32Array.of(2, 3, 4);
    const bias = keyBias({ positions, past: Int32Array.of(0, 1), bias: null, window: null });
    expect(seen(bias, 3, 5)).toEqual([
      [0, 1, 2],
      [0, 1, 2, 3],
      [0, 1, 2, 3, 4],
    ]);
  });

  it("ends a window by positions, not by slots", () => {
    const positions = Int32Array.of(7, 3);
    const bias = keyBias({ positions, past: Int32Array.of(0, 5, 2), bias: null, window: 3 });
    expect(seen(bias, 2, 5)).toEqual([
      [1, 3],
      [1, 2, 3, 4],
    ]);
  });

  it("is as given, negative infinity as a finite number, with the window on top", () => {
    const no = Number.NEGATIVE_INFINITY;
    const given = Float32Array.of(0, no, 0, no, no, no);
    const positions = Int32Array.of(1, 2);
    const all = { positions, past: Int32Array.of(0), bias: given };
    expect(seen(keyBias({ ...all, window: null }), 2, 3)).toEqual([[0, 2], []]);
    expect(seen(keyBias({ ...all, window: 1 }), 2, 3)).toEqual([[2], []]);
  });
});
