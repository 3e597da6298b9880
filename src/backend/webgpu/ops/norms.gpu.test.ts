import { describe, expect, it } from "vitest";
import { Embed } from "./embed.js";
import { makeOp } from "./op.js";
import { packPanels } from "./panels.js";
import { RowNorm } from "./row-norm.js";
import { activate, layerNorm, rmsNorm } from "./reference.js";
import { bits, numbers, padRows, worst } from "../../../testing/test-bed.js";
import { fileBed } from "../../../testing/file-device.js";

const bed = await fileBed();

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

/** One invocation a row, and as many as a real GPU takes. */
const LANES = [1, 64];

describe("norm_rows agrees with float64", () => {
  const plain = SHAPES.map((shape) => ({ ...shape, activation: undefined, offset: 0 }));
  const shapes = [...plain, { m: 2, c: 5, offset: 1000, activation: undefined }];
  const activated = plain.map((shape) => ({ ...shape, activation: "silu" as const }));
  it.each([...shapes, ...activated].flatMap((shape) => LANES.map((lanes) => ({ ...shape, lanes }))))(
    "for layer norms of $m rows of $c, behind $activation, by $lanes",
    async ({ m, c, offset, activation, lanes }) => {
      const x = numbers(m, m * c).map((value) => value * 3 + offset);
      const stride = Math.ceil(c / 4) * 4;
      const y = bed.empty("y", m * stride);
      const [weight, bias] = [numbers(7, c), numbers(8, c)];
      const how = { size: c, eps: EPS, kind: "layer", activation, y } as const;
      const buffers = {
        x: bed.floats("x", padRows(x, c)),
        weight: bed.floats("weight", padRows(weight, c)),
        bias: bed.floats("bias", padRows(bias, c)),
      };
      new RowNorm(bed.gpu, bed.gpu.arena, { ...how, ...buffers }, lanes).record(bed.step([m]), m);
      const rows = rowsOf(await bed.readFloats(y, m * stride), stride);
      rowsOf(x, c).forEach((row, i) => {
        const activated = activation ? row.map((value) => activate(activation, value)) : row;
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

  const added = (["none", "own", "other"] as const).flatMap((adds) => LANES.map((lanes) => ({ adds, lanes })));
  it.each(SHAPES.flatMap((shape) => added.map((how) => ({ ...shape, ...how }))))(
    "for RMS norms of $m rows of $c, added to $adds rows, by $lanes",
    async ({ m, c, adds, lanes }) => {
      const [x, weight, others] = [numbers(m, m * c).map((value) => value * 3), numbers(7, c), numbers(9, m * c)];
      const stride = Math.ceil(c / 4) * 4;
      const parts = 8;
      const before = bed.floats("before", padRows(others, c));
      const y = adds === "own" ? before : bed.empty("y", m * stride);
      const gain = numbers(11, c);
      const feeds = {
        gain: bed.floats("gain", padRows(gain, c)),
        scaled: bed.empty("scaled", m * stride),
        squares: bed.floats("squares", new Float32Array(m * parts).fill(9)),
        parts,
      };
      const norm = new RowNorm(
        bed.gpu,
        bed.gpu.arena,
        {
          size: c,
          eps: EPS,
          kind: "rms",
          x: bed.floats("x", padRows(x, c)),
          weight: bed.floats("weight", padRows(weight, c)),
          y,
          feeds,
          adds: adds === "own" ? "own" : adds === "other" ? before : undefined,
        },
        lanes,
      );
      norm.record(bed.step([m]), m);
      const rows = rowsOf(await bed.readFloats(y, m * stride), stride);
      const scaled = rowsOf(await bed.readFloats(feeds.scaled, m * stride), stride);
      const squares = rowsOf(await bed.readFloats(feeds.squares, m * parts), parts);
      const extra = rowsOf(others, c);
      rowsOf(x, c).forEach((row, i) => {
        const normed = rmsNorm(row, weight, EPS);
        const expected = normed.map((value, j) => value + (adds === "none" ? 0 : extra[i][j]));
        const bound = (j: number) => 2e-6 * (Math.abs(normed[j]) + Math.abs(extra[i][j]) + 1);
        expect(worst(rows[i], expected, bound)).toBeLessThan(1);
        expect(rows[i].slice(c).every((value) => value === 0)).toBe(true);
        const gained = expected.map((value, j) => value * gain[j]);
        expect(worst(scaled[i], gained, bound)).toBeLessThan(1);
        const square = expected.reduce((sum, value) => sum + value * value, 0);
        const found = squares[i].reduce((sum, value) => sum + value, 0);
        expect(Math.abs(found - square)).toBeLessThan(1e-5 * (square + 1));
      });
    },
  );

  it.each(LANES)("with the same bits in any company, by %i", async (lanes) => {
    const [c, m] = [131, 65];
    const stride = 132;
    const x = padRows(numbers(3, m * c), c);
    const weight = bed.floats("weight", padRows(numbers(7, c), c));
    const bitsOf = async (first: number, count: number) => {
      const y = bed.empty("y", count * stride);
      const rows = bed.floats("x", x.subarray(first * stride, (first + count) * stride));
      const how = { size: c, eps: EPS, kind: "layer", x: rows, weight, bias: weight, y } as const;
      new RowNorm(bed.gpu, bed.gpu.arena, how, lanes).record(bed.step([count]), count);
      return bed.readWords(y, count * stride);
    };
    const all = await bitsOf(0, m);
    for (const [first, count] of [
      [0, 1],
      [64, 1],
      [31, 5],
    ]) {
      expect(await bitsOf(first, count)).toEqual(all.slice(first * stride, (first + count) * stride));
    }
  });
});

describe("hidden_rows agrees with float64", () => {
  it.each(SHAPES.flatMap((shape) => [true, false].map((NORMED) => ({ ...shape, NORMED }))))(
    "for $m rows of $c, normed by their squares in parts: $NORMED",
    async ({ m, c, NORMED }) => {
      const x = numbers(m, m * c).map((value) => value * 3);
      const [width, parts] = [Math.ceil(c / 4), 8];
      // Sums of squares come in parts, in any order.
      const inParts = rowsOf(x, c).flatMap((row) =>
        Array.from({ length: parts }, (_, part) =>
          row.reduce((sum, value, j) => sum + (j % parts === part ? value * value : 0), 0),
        ),
      );
      const dims = bed.gpu.arena.uniform("dims", [width, parts / 4, bits(c), bits(EPS)]);
      const hidden = bed.empty("hidden", m * width * 4);
      const squares = NORMED ? [bed.floats("squares", inParts)] : [];
      const bindings = [dims, bed.floats("x", padRows(x, c)), hidden, ...squares];
      makeOp(bed.gpu, "hidden_rows", { NORMED }, bindings).record(bed.step([m]), m * width);
      const rows = rowsOf(await bed.readFloats(hidden, m * width * 4), width * 4);
      const ones = new Float32Array(c).fill(1);
      rowsOf(x, c).forEach((row, i) => {
        const expected = NORMED ? rmsNorm(row, ones, EPS) : Float64Array.from(row);
        expect(worst(rows[i], expected, (j) => 2e-6 * Math.abs(expected[j]) + 1e-30)).toBeLessThan(1);
        expect(rows[i].slice(c).every((value) => value === 0)).toBe(true);
      });
    },
  );
});

describe("activations agree with float64", () => {
  const x = [...Array.from({ length: 401 }, (_, i) => (i - 200) / 20), -1000, -100, -88, -50, 50, 88, 100, 1000, 0];
  const up = numbers(4, x.length);
  it.each(["silu", "gelu", "gelu_tanh", "relu"] as const)(
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
      const x = bed.empty("x", tokens.length * width);
      const squaresAt = tokens.length * width;
      const fed = bed.empty("scaled rows and squares", squaresAt + tokens.length * parts);
      const scaled = { buffer: fed, offset: 0, size: squaresAt * 4 };
      const squares = { buffer: fed, offset: squaresAt * 4, size: tokens.length * parts * 4 };
      const gain = Array.from({ length: width }, (_, i) => (i % 5) / 2 - 1);
      const panel = { COLUMNS: 2, LANES: 3 };
      const buffer = bed.gpu.arena.upload("table", packPanels(stored, { n: vocab, k: width }, panel));
      const embed = new Embed(
        bed.gpu,
        bed.gpu.arena,
        {
          records: { buffer: bed.words("rows", records), slotsAt: 0 },
          table: [{ buffer, format: WEIGHT, n: vocab, k: width }],
          panel,
          x,
          feeds: { gain: bed.floats("gain", gain), scaled, squares },
          masks: MASKS ? bed.floats("masks", masks) : undefined,
        },
        parts,
      );
      embed.record(bed.step([tokens.length]), tokens.length);
      const rowOf = (token: number) => table.slice(token * width, (token + 1) * width);
      const expected = [6, 0, 3].flatMap(rowOf).concat(MASKS ? [...masks.subarray(width)] : rowOf(6));
      expect(Array.from(await bed.readFloats(x, expected.length))).toEqual(expected);
      const gained = expected.map((value, i) => Math.fround(value * gain[i % width]) + 0);
      expect(Array.from(await bed.readFloats(fed, expected.length), (value) => value + 0)).toEqual(gained);
      const inParts = await bed.readFloats(fed, tokens.length * parts, squaresAt);
      tokens.forEach((_, row) => {
        const own = expected.slice(row * width, (row + 1) * width);
        const size = own.reduce((sum, v) => sum + v * v, 0);
        expect(Math.abs(inParts[row * parts] + inParts[row * parts + 1] - size)).toBeLessThanOrEqual(
          MASKS ? 1e-6 * size : 0,
        );
      });
    },
  );

  it("scales the table's rows in 32 bits, and adds those of learned positions", async () => {
    const [vocab, width, context] = [9, 7, 5];
    const panel = { COLUMNS: 2, LANES: 3 };
    const [table, learned] = [numbers(5, vocab * width), numbers(6, context * width)];
    const scale = Math.fround(Math.sqrt(width));
    const places = [
      [8, 0],
      [0, 4],
      [3, 2],
    ];
    const x = bed.empty("x", places.length * 8);
    new Embed(bed.gpu, bed.gpu.arena, {
      records: {
        buffer: bed.words(
          "rows",
          places.flatMap(([token, position]) => [token, position, 0, 0, 0, 0, 0, 0]),
        ),
        slotsAt: 0,
      },
      table: [
        {
          buffer: bed.gpu.arena.upload("table", packPanels(table, { n: vocab, k: width }, panel)),
          format: "f32",
          n: vocab,
          k: width,
        },
      ],
      panel,
      x,
      scale,
      positions: bed.floats("positions", padRows(learned, width)),
    }).record(bed.step([places.length]), places.length);
    const rows = rowsOf(await bed.readFloats(x, places.length * 8), 8);
    places.forEach(([token, position], row) => {
      const expected = Float64Array.from(
        { length: width },
        (_, i) => table[token * width + i] * scale + learned[position * width + i],
      );
      expect(worst(rows[row], expected, () => 5e-7)).toBeLessThan(1);
      expect(rows[row][width]).toBe(0);
    });
  });
});
