import { describe, expect, it } from "vitest";
import { exponential, PURPOSE, threefry2x32, uniform } from "./noise.js";

describe("threefry2x32", () => {
  // Known answers for 20 rounds, from the Random123 distribution.
  it.each([
    [
      [0, 0],
      [0, 0],
      [0x6b200159, 0x99ba4efe],
    ],
    [
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x1cb996fc, 0xbb002be7],
    ],
    [
      [0x13198a2e, 0x03707344],
      [0x243f6a88, 0x85a308d3],
      [0xc4923a9c, 0x483df7a0],
    ],
  ])("gives the published answer for key %j and counter %j", ([k0, k1], [c0, c1], expected) => {
    expect(threefry2x32(k0, k1, c0, c1)).toEqual(expected);
  });
});

describe("uniform", () => {
  const draws = Array.from({ length: 100_000 }, (_, token) => uniform(3, PURPOSE.unmask, 5, 0, token));

  it("stays strictly between 0 and 1, in float32 too", () => {
    expect(Math.min(...draws)).toBeGreaterThan(0);
    expect(Math.max(...draws.map(Math.fround))).toBeLessThan(1);
    expect(draws.every((u) => Math.fround(u) === u)).toBe(true);
  });

  it("falls below any probability as often as that probability says", () => {
    for (const probability of [0.001, 0.1, 0.5, 0.93]) {
      const share = draws.filter((u) => u < probability).length / draws.length;
      expect(Math.abs(share - probability)).toBeLessThan(
        4 * Math.sqrt((probability * (1 - probability)) / draws.length),
      );
    }
  });
});

describe("exponential", () => {
  const draws = Array.from({ length: 40_000 }, (_, token) => exponential(3, PURPOSE.token, 5, 0, token));

  it("follows Exp(1): mean, variance and tail", () => {
    const mean = draws.reduce((a, b) => a + b, 0) / draws.length;
    const variance = draws.reduce((a, b) => a + (b - mean) ** 2, 0) / draws.length;
    expect(Math.abs(mean - 1)).toBeLessThan(0.02);
    expect(Math.abs(variance - 1)).toBeLessThan(0.06);
    const share = draws.filter((draw) => draw > 2).length / draws.length;
    expect(Math.abs(share - Math.exp(-2))).toBeLessThan(0.006);
    expect(Math.min(...draws)).toBeGreaterThan(0);
  });

  it("resolves small values: distinct below 2^-12, where 23 plain bits would collide", () => {
    const small = Array.from({ length: 400_000 }, (_, i) => exponential(9, PURPOSE.token, i, 0, 0)).filter(
      (e) => e < 2 ** -12,
    );
    expect(small.length).toBeGreaterThan(50);
    const grid = small.filter((e) => Number.isInteger(e * 2 ** 24));
    expect(grid.length).toBeLessThan(small.length / 4);
  });

  it("follows the recipe: -log(1 - u) of a uniform with its own exponent, up to float32", () => {
    for (let token = 0; token < 2000; token++) {
      const [w0, w1] = threefry2x32(3, PURPOSE.order * 2 ** 24 + 6, 5, token);
      let leadingZeros = 0;
      while (leadingZeros < 32 && !((w0 >>> (31 - leadingZeros)) & 1)) leadingZeros++;
      const u = (1 + Math.floor(w1 / 512) / 2 ** 23) / 2 ** (leadingZeros + 1);
      const exact = -Math.log1p(-u);
      expect(Math.abs(exponential(3, PURPOSE.order, 5, 6, token) / exact - 1)).toBeLessThan(5e-5);
    }
  });

  it("shares no draw between purposes, positions, draws, tokens or seeds", () => {
    const keys = [
      exponential(1, PURPOSE.token, 1, 0, 1),
      exponential(2, PURPOSE.token, 1, 0, 1),
      exponential(1, PURPOSE.draft, 1, 0, 1),
      exponential(1, PURPOSE.token, 2, 0, 1),
      exponential(1, PURPOSE.token, 1, 1, 1),
      exponential(1, PURPOSE.token, 1, 0, 2),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});
