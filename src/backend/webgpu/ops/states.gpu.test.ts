// state_store, state_sum, state_similarity and contrast, against float64.
import { describe, expect, it } from "vitest";
import { chooseContrast } from "../../../sampling/contrast.js";
import { fileBed } from "../../../testing/file-device.js";
import { numbers, padRows, worst } from "../../../testing/test-bed.js";
import { floatBits } from "../gpu/queue.js";
import { StateTable } from "./states.js";

const ROW_WORDS = 8;
const SLOT = 2;

const bed = await fileBed();

interface Shape {
  size: number;
  length: number;
  numRows: number;
}
const SHAPES: Shape[] = [
  { size: 1, length: 1, numRows: 1 },
  { size: 5, length: 3, numRows: 2 },
  { size: 64, length: 4, numRows: 4 },
  { size: 67, length: 131, numRows: 3 },
  { size: 259, length: 13, numRows: 64 },
  { size: 1024, length: 57, numRows: 5 },
];

/** A table whose slots 0 to length + numRows hold the states of `rows`, which a forward has left there in another order. */
function filled({ size, length, numRows }: Shape, rows: Float32Array, lanes: number): StateTable {
  const count = length + numRows;
  const x = bed.floats("x", padRows(rows, size));
  const slotOf = (row: number) => count - 1 - row;
  const records = new Uint32Array(count * ROW_WORDS);
  for (let row = 0; row < count; row++) records[row * ROW_WORDS + SLOT] = slotOf(row);
  const rowRecords = bed.words("rows", records);
  const lengths = bed.words("lengths", [length]);
  const table = new StateTable(bed.gpu, bed.gpu.arena, { size, context: count, x, rowRecords, lengths }, lanes);
  table.record(bed.step([count]), count);
  return table;
}

/** The rows by slot. */
const bySlot = (rows: Float32Array, size: number) =>
  Array.from({ length: rows.length / size }, (_, row) =>
    Float64Array.from(rows.subarray(row * size, (row + 1) * size)),
  ).reverse();

describe.each([1, 64])("with %i lanes a row", (lanes) => {
  it.each(SHAPES)("states of $size numbers lie at their slots, of length 1", async (shape) => {
    const { size, length, numRows } = shape;
    const rows = numbers(3, (length + numRows) * size).map((value, i) => value * 10 ** ((i % 5) - 2));
    const table = filled(shape, rows, lanes);
    const stride = Math.ceil(size / 4) * 4;
    const states = await bed.readFloats(table.states, (length + numRows) * stride);
    const expected = bySlot(rows, size).flatMap((row) => {
      const norm = Math.hypot(...row);
      return [...row, ...new Array<number>(stride - size).fill(0)].map((value) => value / norm);
    });
    expect(worst(states, expected, () => 2e-6)).toBeLessThanOrEqual(1);
  });

  it.each(SHAPES)("of $numRows candidates behind $length rows of $size the one that float64 takes", async (shape) => {
    const { size, length, numRows } = shape;
    const k = 3;
    for (const alpha of [0, 0.3, 0.6, 1]) {
      const rows = numbers(7 + length, (length + numRows) * size);
      const table = filled(shape, rows, lanes);
      const states = bySlot(rows, size);
      const shares = numbers(11, numRows).map((value) => (value + 1.001) / (2 * numRows));
      const { results } = bed.gpu;
      const offered = results.reserve(numRows * 2).offset;
      const given = [...shares].flatMap((share, i) => [100 + i, floatBits(Math.log(share))]);
      const { offset } = results.reserve(numRows * (4 + k * 2) + 8 + k * 2);
      const lists = Array.from({ length: numRows * k * 2 }, (_, i) => 1000 + i);
      bed.gpu.queue.flush();
      bed.gpu.device.queue.writeBuffer(results.buffer, offered * 4, Uint32Array.from(given));
      const before = Uint32Array.from([...new Array<number>(numRows * 4).fill(5), ...lists]);
      bed.gpu.device.queue.writeBuffer(results.buffer, offset * 4, before);
      table.contrast({ numRows, result: offset, parents: offered, k, alpha: floatBits(alpha) }, length);
      const record = offset + numRows * (4 + k * 2);
      const words = await bed.readWords(results.buffer, 8 + k * 2, record);
      const floats = new Float32Array(words.buffer);
      const candidates = [...shares].map((share, i) => ({ probability: share, state: states[length + i] }));
      const expected = chooseContrast(alpha, candidates, states.slice(0, length));
      const { row } = expected;
      expect([...words.subarray(0, 5)]).toEqual([1, 100 + row, 0, row, 100 + row]);
      expect(floats[5]).toBeCloseTo(Math.log(shares[row]), 5);
      expect(Math.abs(floats[6] - expected.score)).toBeLessThan(3e-6);
      expect(Math.abs(floats[7] - expected.squaredSum)).toBeLessThan(1e-5 * (1 + expected.squaredSum));
      expect([...words.subarray(8)]).toEqual(lists.slice(row * k * 2, (row + 1) * k * 2));
    }
  });
});

describe("a state", () => {
  it("of the largest and the smallest floats has length 1 as well, and one of zeros stays so", async () => {
    const rows = Float32Array.of(1e38, -1e38, 1e-37, 2e-37, 0, 0);
    const table = filled({ size: 2, length: 2, numRows: 1 }, rows, 1);
    const states = await bed.readFloats(table.states, 12);
    const half = Math.SQRT1_2;
    const fifth = Math.sqrt(0.2);
    const expected = [0, 0, 0, 0, fifth, 2 * fifth, 0, 0, half, -half, 0, 0];
    expect(worst(states, expected, () => 2e-6)).toBeLessThanOrEqual(1);
  });
});

describe("of candidates", () => {
  const shape = { size: 4, length: 2, numRows: 3 };
  const ask = async (finite: readonly boolean[]) => {
    // Slots from the last: three equal candidates behind two rows.
    const rows = Float32Array.from([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 4, 3, 2, 1, 0, 1, 0, 0]);
    const table = filled(shape, rows, 1);
    const { results } = bed.gpu;
    const offered = results.reserve(6).offset;
    const { offset } = results.reserve(3 * 6 + 10);
    bed.gpu.queue.flush();
    const given = Uint32Array.from([7, floatBits(-1), 8, floatBits(-1), 9, floatBits(-1)]);
    bed.gpu.device.queue.writeBuffer(results.buffer, offered * 4, given);
    const selected = finite.flatMap((isSo) => [isSo ? 1 : 0xffffffff, 0]);
    bed.gpu.device.queue.writeBuffer(results.buffer, offset * 4, Uint32Array.from(selected));
    table.contrast({ numRows: 3, result: offset, parents: offered, k: 1, alpha: floatBits(0.5) }, 2);
    return bed.readWords(results.buffer, 5, offset + 3 * 6);
  };

  it("that have the same score the first is taken", async () => {
    expect([...(await ask([true, true, true]))]).toEqual([1, 7, 0, 0, 7]);
  });

  it("of which one's logits aren't finite none is taken", async () => {
    expect((await ask([true, true, false]))[4]).toBe(0xffffffff);
  });
});
