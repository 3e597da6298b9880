import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeOp } from "./op.js";
import { packPanels } from "./panels.js";
import { activate, layerNorm, rmsNorm } from "./reference.js";
import { bits, numbers, padRows, TestBed, worst } from "../../../testing/test-bed.js";

let bed: TestBed;
beforeAll(async () => {
  bed = await TestBed.open();
});
afterAll(() => bed.close());

const SHAPES = [
  { m: 1, c: 1 },
  { m: 3, c: 7 },
  { m: 17, c: 48 },
  { m: 65, c: 131 },
];
/** Large enough to show beside a mean square of about 3. */
const EPS = 0.3;

function rowsOf(values: ArrayLike<number>, width: number): number[][] {
  const rows: number[][] = [];
  for (let i = 0; i < values.length; i += width) rows.push(Array.from({ length: width }, (_, j) => values[i + j]));
  return rows;
}

describe("layer_norm agrees with float64", () => {
  const plain = SHAPES.map((shape) => ({ ...shape, ACTIVATION: "none" as const, offset: 0 }));
  const shapes = [...plain, { m: 2, c: 5, offset: 1000, ACTIVATION: "none" as const }];
  it.each([...shapes, ...plain.map((shape) => ({ ...shape, ACTIVATION: "silu" as const }))])(
    "for $m rows of $c, behind $ACTIVATION",
    async ({ m, c, offset, ACTIVATION }) => {
      const x = numbers(m, m * c).map((value) => value * 3 + offset);
      const stride = Math.ceil(c / 4) * 4;
      const y = bed.empty("y", m * stride);
      const [weight, bias] = [numbers(7, c), numbers(8, c)];
      const op = makeOp(bed.gpu, "layer_norm", { ACTIVATION }, [
        bed.uniform([stride / 4, c, bits(EPS)]),
        bed.floats("x", padRows(x, c)),
        bed.floats("weight", padRows(weight, c)),
        bed.floats("bias", padRows(bias, c)),
        y,
      ]);
      op.record(bed.step([m]), m);
      const rows = rowsOf(await bed.readFloats(y, m * stride), stride);
      rowsOf(x, c).forEach((row, i) => {
        const activated = ACTIVATION === "none" ? row : row.map((value) => activate(ACTIVATION, value));
        const expected = layerNorm(activated, weight, bias, EPS);
        // A mean of `offset` is known to 2^-24 of itself, relative to a spread of about 1.7.
        const bound = 2e-5 + offset * 2 ** -22;
        expect(
          worst(rows[i], expected, (j) => bound * (Math.abs(expected[j]) + Math.abs(weight[j])) + 1e-6),
        ).toBeLessThan(1);
        expect(rows[i].slice(c).every((value) => value === 0)).toBe(true);
      });
    },
  );
});

describe("rms_norm agrees with float64", () => {
  it.each(SHAPES.flatMap((shape) => [false, true].map((ADDS) => ({ ...shape, ADDS }))))(
    "for $m rows of $c, added to others: $ADDS",
    async ({ m, c, ADDS }) => {
      const [x, weight, added] = [numbers(m, m * c).map((value) => value * 3), numbers(7, c), numbers(9, m * c)];
      const stride = Math.ceil(c / 4) * 4;
      const y = bed.empty("y", m * stride);
      const op = makeOp(bed.gpu, "rms_norm", { ADDS }, [
        bed.uniform([stride / 4, c, bits(EPS)]),
        bed.floats("x", padRows(x, c)),
        bed.floats("weight", padRows(weight, c)),
        y,
        ...(ADDS ? [bed.floats("added", padRows(added, c))] : []),
      ]);
      op.record(bed.step([m]), m);
      const rows = rowsOf(await bed.readFloats(y, m * stride), stride);
      const extra = rowsOf(added, c);
      rowsOf(x, c).forEach((row, i) => {
        const normed = rmsNorm(row, weight, EPS);
        const expected = normed.map((value, j) => value + (ADDS ? extra[i][j] : 0));
        expect(worst(rows[i], expected, (j) => 2e-6 * (Math.abs(normed[j]) + Math.abs(extra[i][j]) + 1))).toBeLessThan(
          1,
        );
        expect(rows[i].slice(c).every((value) => value === 0)).toBe(true);
      });
    },
  );
});

describe("activations agree with float64", () => {
  const x = [...Array.from({ length: 401 }, (_, i) => (i - 200) / 20), -1000, -100, -88, -50, 50, 88, 100, 1000, 0];
  const up = numbers(4, x.length);
  it.each(["silu", "gelu", "gelu_tanh"] as const)(
    "%s, alone and gated, without infinities far out",
    async (ACTIVATION) => {
      for (const GATED of [false, true]) {
        const y = bed.empty("y", x.length);
        const bindings = [bed.floats("gate", x), y, ...(GATED ? [bed.floats("up", up)] : [])];
        makeOp(bed.gpu, "gated_activation", { ACTIVATION, GATED }, bindings).record(bed.step([x.length]), x.length);
        const expected = x.map((value, i) => activate(ACTIVATION, value) * (GATED ? up[i] : 1));
        const actual = await bed.readFloats(y, x.length);
        expect(worst(actual, expected, (i) => 1e-6 * Math.max(1, Math.abs(x[i])))).toBeLessThan(1);
      }
    },
  );
});

describe("embed", () => {
  it.each([
    ["f32", false],
    ["bf16", false],
    ["f16", false],
    ["f16", true],
  ] as const)(
    "gives the table's rows exactly from %s storage, and past the end the last one, or a mask's (%s)",
    async (WEIGHT, MASKS) => {
      const [vocab, c4] = [7, 3];
      const width = c4 * 4;
      // Small multiples of 1/4 are exact in all three storages.
      const table = Array.from({ length: vocab * width }, (_, i) => ((i * 7) % 23) / 4 - 2);
      const half = (value: number) => {
        const exponent = Math.floor(Math.log2(Math.abs(value) || 1));
        const fraction = Math.round((Math.abs(value) / 2 ** exponent - 1) * 1024);
        return value === 0 ? 0 : (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | fraction;
      };
      const stored =
        WEIGHT === "f32"
          ? Float32Array.from(table)
          : Uint16Array.from(table, (value) => (WEIGHT === "bf16" ? bits(value) >>> 16 : half(value)));
      const tokens = [6, 0, 3, MASKS ? vocab + 1 : 99];
      const masks = numbers(3, 2 * width);
      const records = tokens.flatMap((token) => [token, 0, 0, 0, 0, 0, 0, 0]);
      const parts = 2;
      const [x, scaled] = [bed.empty("x", tokens.length * width), bed.empty("scaled", tokens.length * width)];
      const squares = bed.empty("squares", tokens.length * parts);
      const gain = Array.from({ length: width }, (_, i) => (i % 5) / 2 - 1);
      const op = makeOp(bed.gpu, "embed", { WEIGHT, COLUMNS: 2, LANES: 3, MASKS, MASKS_AT: MASKS ? 8 : 0 }, [
        bed.uniform([c4, vocab, parts]),
        bed.words("rows", records),
        bed.gpu.arena.upload("table", packPanels(stored, { n: vocab, k: width }, { COLUMNS: 2, LANES: 3 })),
        x,
        bed.floats("gain", gain),
        scaled,
        squares,
        ...(MASKS ? [bed.floats("masks", masks)] : []),
      ]);
      op.record(bed.step([tokens.length]), tokens.length * parts);
      const rowOf = (token: number) => table.slice(token * width, (token + 1) * width);
      const expected = [6, 0, 3].flatMap(rowOf).concat(MASKS ? [...masks.subarray(width)] : rowOf(6));
      expect(Array.from(await bed.readFloats(x, expected.length))).toEqual(expected);
      const gained = expected.map((value, i) => Math.fround(value * gain[i % width]) + 0);
      expect(Array.from(await bed.readFloats(scaled, expected.length), (value) => value + 0)).toEqual(gained);
      const inParts = await bed.readFloats(squares, tokens.length * parts);
      tokens.forEach((_, row) => {
        const own = expected.slice(row * width, (row + 1) * width);
        const size = own.reduce((sum, v) => sum + v * v, 0);
        expect(Math.abs(inParts[row * parts] + inParts[row * parts + 1] - size)).toBeLessThanOrEqual(
          MASKS ? 1e-6 * size : 0,
        );
      });
    },
  );
});
