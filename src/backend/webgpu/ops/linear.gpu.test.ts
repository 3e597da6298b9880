// Over 300 lines: one float64 product, compared over weights, families and epilogues.
// matmul, matmul_split and matmul_staged with what they include: matmul_bindings, matmul_output, matmul_terms, matmul_terms_int8, soft_cap, rounded_block and weights_int8.
import { describe, expect, it } from "vitest";
import { type Activation, type Epilogue, Linear, type Means, squareParts, type WeightFormat } from "./linear.js";
import type { BlockShape } from "../../../format/quantize.js";
import { activate, matmul, rmsNorm, softCap } from "./reference.js";
import { IS_WHOLE } from "../../../testing/test-depth.js";
import { numbers, padRows, worst } from "../../../testing/test-bed.js";
import { makeOp } from "./op.js";
import { packPanels } from "./panels.js";
import { MATMUL_FAMILIES, type MatmulFamily } from "./variants.js";
import { fileBed } from "../../../testing/file-device.js";
import { graded, roundedRows, uploadWeights } from "../../../testing/test-weights.js";

const bed = await fileBed();

interface Case {
  m: number;
  n: number;
  k: number;
  format?: WeightFormat;
  blocks?: BlockShape;
  bias?: boolean;
  epilogue?: Epilogue;
  roundsRows?: boolean;
  isHalf?: boolean;
  /** Rows that get a low-rank product's as well: so many last ones. */
  numGated?: number;
}

/** Words of a step block, of which only the first and the first gated row count here. */
const stepOf = (m: number, numGated: number) => [m, 0, 0, 0, 0, 0, 0, 0, 0, 0, m - numGated];

async function run(
  tiles: MatmulFamily,
  { m, n, k, format = "f32", blocks, bias = false, epilogue, roundsRows = false, isHalf = false, numGated = 0 }: Case,
) {
  const kind = epilogue?.kind ?? "plain";
  const rowsOfW = kind === "gated" ? 2 * n : n;
  const x = graded(1, m, k);
  const { matrix, values } = uploadWeights(
    bed.gpu,
    tiles.panel,
    graded(2, rowsOfW, k),
    { n: rowsOfW, k },
    format,
    kind === "gated",
    blocks,
  );
  const b = numbers(3, rowsOfW);
  const before = numbers(4, m * n);
  const y = bed.floats("y", before);
  const delta = numbers(5, numGated * rowsOfW);
  const linear = new Linear(bed.gpu, bed.gpu.arena, tiles, {
    x: bed.floats("x", padRows(x, k)),
    w: matrix,
    y,
    yStride: n,
    bias: bias ? bed.floats("bias", b) : undefined,
    delta: numGated > 0 ? bed.floats("delta", delta) : undefined,
    epilogue,
    rounded: roundsRows ? roundedRows(bed.gpu, m * k) : undefined,
    isHalf,
  });
  linear.record(bed.step(stepOf(m, numGated)), m);
  // In 16 bits two factors, their product and three sums are rounded to 11 each.
  const tolerance = roundsRows ? 1.5e-2 : isHalf ? 3e-3 : 2e-5;
  const sum = matmul(x, values, { m, n: rowsOfW, k }, bias ? b : undefined);
  for (const [i, value] of delta.entries()) {
    sum.values[(m - numGated) * rowsOfW + i] += value;
    sum.magnitudes[(m - numGated) * rowsOfW + i] += Math.abs(value);
  }
  const expected = new Float64Array(m * n);
  const bounds = new Float64Array(m * n);
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < n; column++) {
      const at = row * n + column;
      const from = row * rowsOfW + column;
      const size = sum.magnitudes[from];
      if (epilogue?.kind === "gated") {
        const up = sum.values[from + n];
        const gate = activate(epilogue.activation, sum.values[from]);
        expected[at] = gate * up;
        // Both factors carry an error of their own; no activation is steeper than 1.2.
        bounds[at] = tolerance * (1.2 * size * Math.abs(up) + Math.abs(gate) * sum.magnitudes[from + n]) + 1e-6;
      } else if (epilogue?.kind === "activated") {
        expected[at] = activate(epilogue.activation, sum.values[from]);
        bounds[at] = tolerance * 1.2 * size + 1e-6;
      } else if (epilogue?.kind === "capped") {
        expected[at] = softCap(sum.values[from], epilogue.cap);
        bounds[at] = tolerance * size + 1e-6;
      } else {
        expected[at] = sum.values[from] + (kind === "add" ? before[at] : 0);
        bounds[at] = tolerance * (size + (kind === "add" ? Math.abs(before[at]) : 0));
      }
    }
  }
  return worst(await bed.readFloats(y, m * n), expected, (i) => bounds[i]);
}

const SHAPES = [
  { m: 1, n: 1, k: 1 },
  { m: 1, n: 35, k: 131 },
  { m: 2, n: 7, k: 3 },
  { m: 3, n: 67, k: 20 },
  { m: 5, n: 32, k: 64 },
  { m: 8, n: 129, k: 97 },
  { m: 9, n: 13, k: 260 },
  { m: 65, n: 259, k: 51 },
];
const gated = (activation: Activation): Epilogue => ({ kind: "gated", activation });
/** As registered, but no more lanes a sum than a software adapter's subgroup has: it compiles workgroup memory in seconds. */
const FAMILIES = Object.entries(MATMUL_FAMILIES)
  .filter(([name]) => name !== "gpu-split-8")
  .map(([name, family]): [string, MatmulFamily] => [name, { ...family, termLanes: Math.min(4, family.termLanes) }]);
/** Every case for the family that a software adapter takes; of the others' a sample in `npm test`, for each compiles anew. */
const casesOf = <T>(family: string, cases: readonly T[], sample: readonly number[]): T[] =>
  cases.filter((_, i) => IS_WHOLE || family === "cpu-like" || sample.includes(i));

describe.each(FAMILIES)("matmul with %s tiles agrees with float64", (family, tiles) => {
  it.each(SHAPES)("for $m rows, $n columns, $k terms", async (shape) => {
    expect(await run(tiles, shape)).toBeLessThan(1);
  });

  it.each<WeightFormat>(["bf16", "f16"])("for %s weights, by the widened values", async (format) => {
    expect(await run(tiles, { m: 3, n: 67, k: 22, format })).toBeLessThan(1);
  });

  it.each<WeightFormat>(["q8", "q4"])("for %s weights, by the rounded values", async (format) => {
    for (const m of [1, 3, 9]) {
      expect(await run(tiles, { m, n: 67, k: 288, format })).toBeLessThan(1);
      expect(await run(tiles, { m, n: 35, k: 160, format, bias: true, epilogue: gated("silu") })).toBeLessThan(1);
      expect(await run(tiles, { m, n: 520, k: 32, format, epilogue: { kind: "add" } })).toBeLessThan(1);
    }
  });

  const inBlocks: [WeightFormat, BlockShape][] = [
    ["q4", { size: 32, hasMins: true }],
    ["q8", { size: 16, hasMins: true }],
    ["q8", { size: 16, hasMins: false }],
  ];
  it.each(casesOf(family, inBlocks, [0]))("for %s weights in other blocks, %o", async (format, blocks) => {
    expect(await run(tiles, { m: 3, n: 67, k: 288, format, blocks })).toBeLessThan(1);
    const epilogue = gated("silu");
    expect(await run(tiles, { m: 9, n: 35, k: 160, format, blocks, bias: true, epilogue })).toBeLessThan(1);
  });

  it.each<[string, Partial<Case>]>([
    ["before a residual", { epilogue: { kind: "add" } }],
    ["behind a bias, before a gate", { bias: true, epilogue: gated("silu") }],
  ])("with what is added to the last rows only, %s", async (_title, options) => {
    expect(await run(tiles, { m: 1, n: 37, k: 64, numGated: 1, ...options })).toBeLessThan(1);
    expect(await run(tiles, { m: 11, n: 37, k: 64, numGated: 9, ...options })).toBeLessThan(1);
  });

  it.each<[string, Partial<Case>]>([
    ["a bias", { bias: true }],
    ["a residual", { epilogue: { kind: "add" } }],
    ["a bias and a residual", { bias: true, epilogue: { kind: "add" } }],
    ["a soft cap", { epilogue: { kind: "capped", cap: 0.7 } }],
    ["gated SiLU", { epilogue: gated("silu") }],
    ["GELU by tanh behind a bias", { bias: true, epilogue: { kind: "activated", activation: "gelu_tanh" } }],
    ["gated GELU with biases", { bias: true, epilogue: gated("gelu") }],
    ["gated GELU by tanh", { epilogue: gated("gelu_tanh") }],
  ])("with %s", async (_title, options) => {
    for (const m of [1, 5]) expect(await run(tiles, { m, n: 37, k: 51, ...options })).toBeLessThan(1);
  });
});

// Skipped where the adapter has no shader-f16, as SwiftShader.
describe.runIf(bed.gpu.facts.hasF16).each(FAMILIES)("products in 16 bits, with %s tiles", (family, tiles) => {
  it.each(casesOf(family, SHAPES, [1, 5]))("are near float64 for $m rows, $n columns, $k terms", async (shape) => {
    expect(await run(tiles, { format: "f16", isHalf: true, ...shape })).toBeLessThan(1);
  });

  it.each<WeightFormat>(["f32", "bf16", "f16"])("are near float64 for %s weights", async (format) => {
    const half = { format, isHalf: true };
    const error = await run(tiles, { ...half, m: 1, n: 67, k: 288 });
    expect(error, "rounding must show").toBeGreaterThan(2e-5 / 3e-3);
    const gates = { bias: true, epilogue: gated("silu") };
    expect(await run(tiles, { ...half, m: 2, n: 35, k: 160, ...gates })).toBeLessThan(1);
    expect(await run(tiles, { ...half, m: 33, n: 130, k: 20, epilogue: { kind: "add" } })).toBeLessThan(1);
  });
});

describe.each(FAMILIES)("products of rows in 8 bits, with %s tiles", (_, tiles) => {
  it.each<WeightFormat>(["q8", "q4"])("are near float64 for %s weights", async (format) => {
    const rounded = { format, roundsRows: true };
    const error = await run(tiles, { ...rounded, m: 1, n: 67, k: 288 });
    expect(error).toBeLessThan(1);
    expect(error, "rounding must show").toBeGreaterThan(2e-5 / 1.5e-2);
    const gates = { bias: true, epilogue: gated("silu") };
    expect(await run(tiles, { ...rounded, m: 2, n: 35, k: 160, ...gates })).toBeLessThan(1);
    expect(await run(tiles, { ...rounded, m: 1, n: 520, k: 32, epilogue: { kind: "add" } })).toBeLessThan(1);
  });

  it.each<WeightFormat>(["q8", "q4"])(
    "are exact where nothing is lost: %s weights, rows of whole numbers",
    async (format) => {
      const [m, n, k] = [3, 21, 288];
      // A peak of 127 units in every block, whose unit is a power of two, and a block of zeros.
      const unitOf = (i: number) => [1, 8, 0.25, 2, 0][(Math.floor((i % k) / 32) + Math.floor(i / k)) % 5];
      const whole = (value: number, i: number) => (i % 32 === 5 ? 127 : Math.round(value * 100)) * unitOf(i);
      const x = Float32Array.from(numbers(1, m * k), whole);
      const { matrix, values } = uploadWeights(bed.gpu, tiles.panel, graded(2, n, k), { n, k }, format, false);
      const expected = matmul(x, values, { m, n, k });
      for (const hasPackedDots of [true, false]) {
        const y = bed.empty("y", m * n);
        const means: Means = { hasSubgroup: false, hasPackedDots };
        const options = { x: bed.floats("x", x), w: matrix, y, yStride: n, rounded: roundedRows(bed.gpu, m * k) };
        new Linear(bed.gpu, bed.gpu.arena, tiles, options, means).record(bed.step([m]), m);
        const bound = (i: number) => 1e-6 * expected.magnitudes[i];
        expect(worst(await bed.readFloats(y, m * n), expected.values, bound)).toBeLessThan(1);
      }
    },
  );
});

describe("rows in blocks of 8 bits", () => {
  it("are codes in units of a block's largest magnitude, zeros in a block of zeros, of listed rows too", async () => {
    const [m, k] = [3, 96];
    const x = graded(1, m, k).map((value, i) => (i < 2 * k && i >= k + 32 && i < k + 64 ? 0 : value));
    const numBlocks = k / 32;
    for (const list of [null, [2, 1]]) {
      const rows = list ?? [0, 1, 2];
      const y = bed.empty("rounded", rows.length * numBlocks * 9);
      const own = list ? [bed.gpu.queue.inputs.buffer] : [];
      const bindings = [bed.uniform([numBlocks]), bed.floats("x", x), y, ...own];
      const words = [rows.length, 0, 0, 0, 0, 0, 0, 0, list ? bed.inputs(list) : 0];
      makeOp(bed.gpu, "round_rows", { GATHER: list !== null }, bindings).record(
        bed.step(words),
        rows.length * numBlocks,
      );
      const stored = await bed.readWords(y, rows.length * numBlocks * 9);
      for (let block = 0; block < rows.length * numBlocks; block++) {
        const start = rows[Math.floor(block / numBlocks)] * k + (block % numBlocks) * 32;
        const values = x.subarray(start, start + 32);
        const peak = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        const at = block * 9;
        const codes = new Int8Array(stored.slice(at, at + 8).buffer);
        expect(new Float32Array(stored.slice(at + 8, at + 9).buffer)[0]).toBeCloseTo(peak / 127, 6);
        values.forEach((value, i) => {
          expect(Math.abs(codes[i] - (peak === 0 ? 0 : (value / peak) * 127))).toBeLessThanOrEqual(0.501);
        });
      }
    }
  });
});

describe.each(FAMILIES)("the norm between two products, with %s tiles", (family, tiles) => {
  const shapes = [
    { m: 1, k: 5, n: 3 },
    { m: 3, k: 67, n: 37 },
    { m: 9, k: 130, n: 70 },
    { m: 35, k: 20, n: 70 },
  ];
  it.each(casesOf(family, shapes, [3]))(
    "agrees with float64 for $m rows of $n numbers, gathered or not, gated or not",
    async ({ m, k, n }) => {
      const { gpu } = bed;
      // Large enough to show.
      const [eps, out] = [0.3, 11];
      const stride = Math.ceil(n / 4) * 4;
      const [input, residual, gain] = [numbers(1, m * k), numbers(2, m * n), numbers(3, n)];
      const [first, second, bias] = [numbers(4, n * k), numbers(5, 2 * out * n), numbers(6, 2 * out)];
      const matrix = (values: Float32Array<ArrayBuffer>, rows: number, columns: number, isGated: boolean) => {
        const data = packPanels(
          padRows(values, columns),
          { n: rows, k: Math.ceil(columns / 4) * 4 },
          tiles.panel,
          isGated,
        );
        return { buffer: gpu.arena.upload("w", data), format: "f32" as const, n: rows, k: columns };
      };
      const y = bed.floats("residual", padRows(residual, n));
      const scaled = bed.empty("scaled", m * stride);
      const squares = bed.empty("squares", m * squareParts(n, tiles.panel));
      new Linear(gpu, gpu.arena, tiles, {
        x: bed.floats("x", padRows(input, k)),
        w: matrix(first, n, k, false),
        y,
        yStride: stride,
        epilogue: { kind: "add" },
        feeds: { gain: bed.floats("gain", padRows(gain, n)), scaled, squares },
      }).record(bed.step([m]), m);
      const sums = matmul(input, first, { m, n, k });
      const normed = Array.from({ length: m }, (_row, row) => {
        const summed = Array.from({ length: n }, (_n, i) => sums.values[row * n + i] + residual[row * n + i]);
        return rmsNorm(summed, gain, eps);
      });
      for (const isGated of [false, true]) {
        for (const list of [null, [m - 1, 0]]) {
          const rows = list ?? normed.map((_row, row) => row);
          const width = isGated ? out : 2 * out;
          const z = bed.empty("z", rows.length * width);
          new Linear(gpu, gpu.arena, tiles, {
            x: scaled,
            w: matrix(second, 2 * out, n, isGated),
            y: z,
            yStride: width,
            bias: bed.floats("bias", bias),
            epilogue: isGated ? gated("silu") : { kind: "plain" },
            norm: { squares, size: n, eps },
            isGathered: list !== null,
          }).record(bed.step([rows.length, 0, 0, 0, 0, 0, 0, 0, list ? bed.inputs(list) : 0]), rows.length);
          const x = Float64Array.from(rows.flatMap((row) => Array.from(normed[row])));
          const product = matmul(x, second, { m: rows.length, n: 2 * out, k: n }, bias);
          const expected = isGated
            ? rows.flatMap((_row, i) =>
                Array.from({ length: out }, (_n, j) => {
                  const [gate, up] = [product.values[i * 2 * out + j], product.values[i * 2 * out + out + j]];
                  return activate("silu", gate) * up;
                }),
              )
            : product.values;
          // The norm carries the first product's error into every term of the second.
          const size = Math.max(...product.magnitudes);
          const bound = 1e-4 * (isGated ? 2.2 * size * size : size);
          expect(worst(await bed.readFloats(z, rows.length * width), expected, () => bound)).toBeLessThan(1);
        }
      }
    },
  );
});

describe.each(FAMILIES)("matmul with %s tiles", (family, tiles) => {
  const cases: [Epilogue["kind"], WeightFormat, Epilogue, boolean?][] = [
    ["plain", "f32", { kind: "plain" }],
    ["add", "f32", { kind: "add" }],
    ["gated", "f32", gated("silu")],
    ["plain", "f16", { kind: "plain" }],
    ["plain", "q8", { kind: "plain" }],
    ["gated", "q4", gated("silu")],
    ["plain", "q8", { kind: "plain" }, true],
  ];
  it.each(casesOf(family, cases, [5, 6]))(
    "gives a row the same bits for any number of rows (%s, %s weights)",
    async (_kind, format, epilogue, roundsRows) => {
      const [n, k, most] = [43, 160, 257];
      const rowsOfW = epilogue.kind === "gated" ? 2 * n : n;
      const x = bed.floats("x", padRows(graded(5, most, k), k));
      const isGated = epilogue.kind === "gated";
      const w = uploadWeights(bed.gpu, tiles.panel, graded(6, rowsOfW, k), { n: rowsOfW, k }, format, isGated).matrix;
      const y = bed.empty("y", most * n);
      const rounded = roundsRows ? roundedRows(bed.gpu, most * k) : undefined;
      const linear = new Linear(bed.gpu, bed.gpu.arena, tiles, { x, w, y, yStride: n, epilogue, rounded });
      const rows = async (m: number) => {
        bed.gpu.queue.flush();
        bed.gpu.device.queue.writeBuffer(y, 0, new Float32Array(most * n));
        linear.record(bed.step([m]), m);
        return bed.readWords(y, m * n);
      };
      const all = await rows(most);
      for (const m of [...Array.from({ length: 65 }, (_, i) => i + 1), 128]) {
        expect(await rows(m), `${m} rows`).toEqual(all.slice(0, m * n));
      }
    },
  );
});

describe("sums whose terms are shared by lanes", () => {
  const split = MATMUL_FAMILIES["gpu-split-32"];
  const bitsOf = async (termLanes: number, hasSubgroup: boolean, format: WeightFormat, m: number) => {
    const [n, k] = [21, 160];
    const family = { ...split, termLanes };
    const { gpu } = bed;
    const { matrix } = uploadWeights(bed.gpu, family.panel, graded(2, 2 * n, k), { n: 2 * n, k }, format, true);
    const squares = bed.floats("squares", numbers(3, m * squareParts(k, family.panel)).map(Math.abs));
    const y = bed.empty("y", m * n);
    const norm = { squares, size: k, eps: 1e-5 };
    const options = { x: bed.floats("x", numbers(1, m * k)), w: matrix, y, yStride: n, norm, epilogue: gated("silu") };
    new Linear(gpu, gpu.arena, family, options, { hasSubgroup, hasPackedDots: true }).record(bed.step([m]), m);
    return bed.readWords(y, m * n);
  };

  it.each<WeightFormat>(["f32", "f16", "q8", "q4"])(
    "have the same bits through a subgroup as through workgroup memory (%s)",
    async (format) => {
      for (const m of [1, 3, 9]) {
        const through = await bitsOf(4, true, format, m);
        expect(through.some((word) => word !== 0)).toBe(true);
        expect(await bitsOf(4, false, format, m)).toEqual(through);
      }
    },
  );

  it.each([8, 32])("agree with float64 for %i lanes, the same bits for 1 and 3 rows", async (termLanes) => {
    const family = { ...split, termLanes };
    for (const format of ["f32", "q4"] as const) {
      expect(await run(family, { m: 1, n: 11, k: 320, format })).toBeLessThan(1);
    }
    const three = await bitsOf(termLanes, false, "q8", 3);
    expect(await bitsOf(termLanes, false, "q8", 1)).toEqual(three.slice(0, 21));
  });
});
