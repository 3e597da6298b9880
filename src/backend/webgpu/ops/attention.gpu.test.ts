// Over 300 lines: one float64 attention, compared over shapes, reading orders and tiles.
// attention_tile, and attention_merge where keys fill more than one tile.
import { describe, expect, it } from "vitest";
import { ATTENTION_ROWS, Attention, type AttentionShape, KEY_TILE, partialsLength } from "./attention.js";
import { ceil4, makeOp } from "./op.js";
import { attend, rmsNorm, rotate } from "./reference.js";
import { bits, numbers, worst } from "../../../testing/test-bed.js";
import { fileBed } from "../../../testing/file-device.js";

const NONE = 0xffffffff;
const MODE = { causal: 0, full: 1, block: 2, tree: 3, rank: 4 };

const bed = await fileBed();

/** A forward of `n` rows behind `base` kept ones, and the keys that each row must see by the rule. */
interface Case {
  title: string;
  base: number;
  n: number;
  mode: keyof typeof MODE;
  block?: number;
  parents?: number[];
  rank?: number[];
  isStrict?: boolean;
  positions?: number[];
  slots?: number[];
  window?: number;
  context?: number;
}

function ancestorsOf(parents: number[], row: number): number[] {
  return row < 0 ? [] : [...ancestorsOf(parents, parents[row]), row];
}

/** The visibility rule, written as a plain filter over all pairs. */
function visibleSlots(c: Case, row: number): number[] {
  const end = c.slots ? c.base : c.base + c.n;
  const slotOf = (i: number) => c.slots?.[i] ?? c.base + i;
  const depthOf = (i: number) => (c.parents ? ancestorsOf(c.parents, i).length - 1 : 0);
  const positionOf = (slot: number) => {
    const own = Array.from({ length: c.n }, (_, i) => i).find((i) => slotOf(i) === slot);
    if (own === undefined) return slot;
    return c.positions?.[own] ?? (c.parents ? c.base + depthOf(own) : slot);
  };
  return Array.from({ length: end }, (_, slot) => slot).filter((slot) => {
    if (c.window && positionOf(slotOf(row)) - positionOf(slot) >= c.window) return false;
    const isKept = slot < c.base;
    switch (c.mode) {
      case "causal":
        return slot <= slotOf(row);
      case "full":
        return true;
      case "block":
        return Math.floor(slot / (c.block ?? 1)) <= Math.floor(slotOf(row) / (c.block ?? 1));
      case "tree":
        return isKept || ancestorsOf(c.parents ?? [], row).includes(slot - c.base);
      default: {
        const rank = isKept ? slot : (c.rank?.[slot - c.base] ?? 0);
        const own = c.rank?.[row] ?? 0;
        return c.isStrict ? rank < own : rank <= own;
      }
    }
  });
}

const SHAPE = { numHeads: 6, numKeyValueHeads: 2, headDim: 6, scale: 0.4 };
const D4 = ceil4(SHAPE.headDim);
const CONTEXT = 160;

function pad(values: ArrayLike<number>): Float32Array {
  const { headDim } = SHAPE;
  const out = new Float32Array((values.length / headDim) * D4 * 4);
  for (let i = 0; i < values.length; i++) out[Math.floor(i / headDim) * D4 * 4 + (i % headDim)] = values[i];
  return out;
}

class Forward {
  readonly lengths = bed.empty("lengths", 4);
  readonly rows = bed.empty("rows", CONTEXT * 8);
  readonly slots = bed.empty("slots", CONTEXT * 4);
  private readonly prepare = makeOp(bed.gpu, "prepare", { WORKGROUP_SIZE: 1 }, [
    bed.gpu.queue.inputs.buffer,
    bed.gpu.results.buffer,
    this.lengths,
    this.rows,
    this.slots,
  ]);

  /** Fills `base` kept rows, then the case's own; returns the step words of the second. */
  enter(c: Case): number[] {
    if (c.base > 0) {
      const kept = Array.from({ length: c.base }, (_, i) => [i, NONE, NONE, 0, NONE]).flat();
      this.prepare.record(bed.step([c.base, bed.inputs(kept), c.base, MODE.causal, 1, 2]), 1);
    }
    const paths = Array.from({ length: c.n }, (_, i) => (c.parents ? ancestorsOf(c.parents, i) : []));
    const lists = bed.inputs([...paths.flat(), 0]);
    let nextList = lists;
    const words = paths.flatMap((path, i) => {
      const horizon = (c.rank?.[i] ?? 0) - (c.isStrict ? 1 : 0);
      const a = c.mode === "tree" ? path.length - 1 : (c.rank?.[i] ?? 0);
      const b = c.mode === "tree" ? nextList : horizon < 0 ? NONE : horizon;
      nextList += path.length;
      return [100 + i, c.positions?.[i] ?? NONE, c.slots?.[i] ?? NONE, a, b];
    });
    const numTiles = Math.ceil((c.base + c.n) / KEY_TILE);
    const step = [c.n, bed.inputs(words), 0, MODE[c.mode], c.block ?? 1, 2, numTiles, 0, 0];
    this.prepare.record(bed.step(step), 1);
    return step;
  }
}

const chain = (n: number) => Array.from({ length: n }, (_, i) => i - 1);
const CASES: Case[] = [
  { title: "one causal row on an empty cache", base: 0, n: 1, mode: "causal" },
  { title: "a causal row at the end of a tile", base: KEY_TILE - 1, n: 1, mode: "causal" },
  { title: "causal rows over three tiles and a tail", base: 2 * KEY_TILE + 3, n: 5, mode: "causal" },
  { title: "more causal rows than fit the scratch at once", base: 11, n: ATTENTION_ROWS + 7, mode: "causal" },
  { title: "full attention", base: 19, n: 7, mode: "full" },
  { title: "rows whose ends lie in different tiles", base: 31, n: 3, mode: "block", block: 32 },
  { title: "blocks of 4 that begin inside one", base: 18, n: 9, mode: "block", block: 4 },
  { title: "a block cut by the end of the forward", base: 16, n: 3, mode: "block", block: 8 },
  {
    title: "a tree whose siblings don't see each other",
    base: 21,
    n: 8,
    mode: "tree",
    parents: [-1, 0, 0, 1, 1, 2, 5, 5],
  },
  { title: "a tree without a kept row, with two roots", base: 0, n: 4, mode: "tree", parents: [-1, -1, 0, 1] },
  { title: "a chain given as a tree, over a tile's edge", base: 13, n: 9, mode: "tree", parents: chain(9) },
  { title: "ranks in any order", base: 10, n: 5, mode: "rank", rank: [12, 10, 14, 13, 11] },
  {
    title: "strict ranks, the first of which sees nothing",
    base: 0,
    n: 4,
    mode: "rank",
    rank: [2, 0, 3, 1],
    isStrict: true,
  },
  { title: "ranks among the kept rows", base: 9, n: 3, mode: "rank", rank: [4, 0, 4], isStrict: true },
  { title: "a sliding window", base: 40, n: 6, mode: "causal", window: 17 },
  { title: "a window of one, which sees the row itself", base: 20, n: 3, mode: "causal", window: 1 },
  { title: "a window on a tree goes by depth", base: 12, n: 5, mode: "tree", parents: [-1, 0, 0, 1, 3], window: 3 },
  { title: "explicit positions under a window", base: 8, n: 3, mode: "full", positions: [30, 31, 2], window: 6 },
  { title: "overwritten slots under full attention", base: 33, n: 3, mode: "full", slots: [4, 30, 17] },
  { title: "overwritten slots under causal attention", base: 33, n: 3, mode: "causal", slots: [4, 30, 17] },
  { title: "overwritten slots in blocks", base: 33, n: 2, mode: "block", block: 8, slots: [4, 32] },
];

/** One row and one group of columns an invocation, or two of each. */
const SHARES = {
  single: { minSharingRows: Number.POSITIVE_INFINITY, minSharingTiles: 0, maxMergeGroups: 1 },
  sharing: { minSharingRows: 1, minSharingTiles: 0, maxMergeGroups: 2 },
};
/** Query heads: an even number a group of keys are computed two by two. */
const NUM_HEADS = [6, 4];
const Y_STRIDE = SHAPE.numHeads * SHAPE.headDim + 4;

/** What a case reads, the same in both ways. */
function operands(c: Case, numHeads: number) {
  const { numKeyValueHeads, headDim } = SHAPE;
  const length = CONTEXT * numKeyValueHeads * headDim;
  const queries = numbers(3, c.n * numHeads * headDim).map((value) => value * 4);
  return { keys: numbers(1, length), values: numbers(2, length), queries };
}

/** The outputs of a case computed one way, `[n, Y_STRIDE]`; cells that nothing writes hold 7. */
function run(c: Case, shares: keyof typeof SHARES, numHeads: number): Promise<Float32Array> {
  const shape: AttentionShape = { ...SHAPE, numHeads, window: c.window ?? null };
  const { keys, values, queries } = operands(c, numHeads);
  const forward = new Forward();
  const y = bed.floats("y", new Float32Array(c.n * Y_STRIDE).fill(7));
  const attention = new Attention(
    bed.gpu,
    bed.gpu.arena,
    shape,
    {
      q: bed.floats("q", pad(queries)),
      keys: bed.floats("keys", pad(keys)),
      values: bed.floats("values", pad(values)),
      rows: forward.rows,
      slots: forward.slots,
      partials: bed.empty("partials", partialsLength(shape, CONTEXT)),
      y,
      yStride: Y_STRIDE,
    },
    bits,
    SHARES[shares],
  );
  const step = forward.enter(c);
  for (let offset = 0; offset < c.n; offset += ATTENTION_ROWS) {
    const count = Math.min(ATTENTION_ROWS, c.n - offset);
    attention.record(bed.step(step.with(0, count).with(7, offset)), count, step[6], c.rank !== undefined);
  }
  return bed.readFloats(y, c.n * Y_STRIDE);
}

const WAYS = (["single", "sharing"] as const).flatMap((shares) => NUM_HEADS.map((numHeads) => ({ shares, numHeads })));

describe.each(WAYS)("attention, $shares, $numHeads heads, agrees with float64 for", ({ shares, numHeads }) => {
  it.each(CASES)("$title", async (c) => {
    const { numKeyValueHeads, headDim, scale } = SHAPE;
    const { keys, values, queries } = operands(c, numHeads);
    const actual = await run(c, shares, numHeads);
    const head = (data: Float32Array, index: number) => data.subarray(index * headDim, (index + 1) * headDim);
    for (let row = 0; row < c.n; row++) {
      const slots = visibleSlots(c, row);
      for (let h = 0; h < numHeads; h++) {
        const group = Math.floor(h / (numHeads / numKeyValueHeads));
        const pick = (data: Float32Array) => slots.map((slot) => head(data, slot * numKeyValueHeads + group));
        const expected = attend(head(queries, row * numHeads + h), pick(keys), pick(values), scale);
        const at = row * Y_STRIDE + h * headDim;
        // Values lie in [-1, 1] and weights sum to 1.
        const error = worst(actual.subarray(at, at + headDim), expected, () => 2e-5);
        expect(error, `row ${row}, head ${h}, ${slots.length} keys`).toBeLessThan(1);
        if (slots.length === 0) expect(Array.from(actual.subarray(at, at + headDim))).toEqual([0, 0, 0, 0, 0, 0]);
      }
      expect(actual[row * Y_STRIDE + numHeads * headDim]).toBe(7);
    }
  });
});

describe("attention of two rows that share loaded keys has the bits of rows alone", () => {
  const words = async (...args: Parameters<typeof run>) => new Uint32Array((await run(...args)).buffer);
  const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 17, 64, 65];
  /** A parent among the few rows before: branches of mixed depth. */
  const bushy = (n: number) => Array.from({ length: n }, (_, i) => Math.max(-1, i - 1 - ((i * 7) % 4)));
  /** Ranks that neighbours don't share, some below the kept rows. */
  const mixed = (n: number) => Array.from({ length: n }, (_, i) => (i * 37 + 11) % 90);
  const kinds: { title: string; of(n: number): Case }[] = [
    { title: "causal", of: (n) => ({ title: "", base: 29, n, mode: "causal" }) },
    { title: "in blocks of 5", of: (n) => ({ title: "", base: 14, n, mode: "block", block: 5 }) },
    { title: "in trees", of: (n) => ({ title: "", base: 27, n, mode: "tree", parents: bushy(n) }) },
    { title: "of strict ranks", of: (n) => ({ title: "", base: 27, n, mode: "rank", rank: mixed(n), isStrict: true }) },
    { title: "under a window", of: (n) => ({ title: "", base: 40, n, mode: "causal", window: 19 }) },
    {
      title: "in trees under a window",
      of: (n) => ({ title: "", base: 27, n, mode: "tree", parents: bushy(n), window: 6 }),
    },
  ];
  it.each(kinds)("$title, for any number of rows", async ({ of }) => {
    for (const numHeads of NUM_HEADS)
      for (const n of sizes)
        expect(await words(of(n), "sharing", numHeads), `${n} rows`).toEqual(await words(of(n), "single", numHeads));
  });
});

describe("prepare", () => {
  it("numbers rows and cache slots, and lets the first rows join", async () => {
    const forward = new Forward();
    forward.enter({ title: "", base: 5, n: 3, mode: "tree", parents: [-1, 0, 0] });
    const rows = await bed.readWords(forward.rows, 24);
    const field = (index: number) => [rows[index], rows[8 + index], rows[16 + index]];
    expect({ tokens: field(0), positions: field(1), slots: field(2), counts: field(4) }).toEqual({
      tokens: [100, 101, 102],
      positions: [5, 6, 6],
      slots: [5, 6, 7],
      counts: [6, 7, 7],
    });
    const slots = await bed.readWords(forward.slots, 8 * 4);
    expect(Array.from(slots).filter((_, i) => i % 4 === 0)).toEqual([0, 1, 2, 3, 4, 5, 6, 6]);
    expect(Array.from(slots).filter((_, i) => i % 4 === 2)).toEqual([0, 1, 2, 3, 4, 100, 101, 102]);
    expect(Array.from(await bed.readWords(forward.lengths, 3))).toEqual([0, 0, 5]);
  });
});

describe("rope_store agrees with float64", () => {
  // Large enough to show.
  const eps = 0.3;
  it.each([
    { title: "on whole heads", half: 3, QK_NORM: false },
    { title: "on a part of each head", half: 2, QK_NORM: false },
    { title: "behind a norm of each head", half: 3, QK_NORM: true },
    { title: "on a part of each normed head", half: 1, QK_NORM: true },
  ])("$title, and touches no other slot", async ({ half, QK_NORM }) => {
    const { numHeads, numKeyValueHeads, headDim } = SHAPE;
    const n = 3;
    const positions = [50, 0, 131];
    const places = [7, 2, 40];
    const width = (numHeads + 2 * numKeyValueHeads) * headDim;
    const qkv = numbers(5, n * width).map((value) => value * 3);
    const norms = [numbers(6, headDim), numbers(7, headDim)];
    const frequencies = Array.from({ length: half }, (_, i) => 100 ** (-i / half));
    const table = Array.from({ length: CONTEXT }, (_, position) => [
      ...frequencies.map((frequency) => Math.cos(position * frequency)),
      ...frequencies.map((frequency) => Math.sin(position * frequency)),
    ]).flat();
    const records = positions.flatMap((position, i) => [0, position, places[i], 0, 0, 0, NONE, 0]);
    const size = CONTEXT * numKeyValueHeads * D4 * 4;
    const q = bed.empty("q", n * numHeads * D4 * 4);
    const keys = bed.floats("keys", new Float32Array(size).fill(9));
    const values = bed.floats("values", new Float32Array(size).fill(9));
    const op = makeOp(bed.gpu, "rope_store", { QK_NORM }, [
      bed.uniform([numHeads, numKeyValueHeads, headDim, D4, half, width, CONTEXT - 1, bits(eps)]),
      bed.floats("qkv", qkv),
      bed.words("rows", records),
      bed.floats("rope", table),
      q,
      keys,
      values,
      ...(QK_NORM ? [bed.floats("norms", [...norms[0], ...norms[1]])] : []),
    ]);
    op.record(bed.step([n]), n * (numHeads + 2 * numKeyValueHeads));
    const read = {
      q: await bed.readFloats(q, n * numHeads * D4 * 4),
      keys: await bed.readFloats(keys, size),
      values: await bed.readFloats(values, size),
    };
    const stored = new Set<number>();
    for (let row = 0; row < n; row++) {
      for (let h = 0; h < numHeads + 2 * numKeyValueHeads; h++) {
        const source = qkv.subarray(row * width + h * headDim, row * width + (h + 1) * headDim);
        const isQuery = h < numHeads;
        const isValue = h >= numHeads + numKeyValueHeads;
        const group = h - numHeads - (isValue ? numKeyValueHeads : 0);
        const at = (isQuery ? row * numHeads + h : places[row] * numKeyValueHeads + group) * D4 * 4;
        const actual = (isQuery ? read.q : isValue ? read.values : read.keys).subarray(at, at + headDim);
        if (isValue) {
          expect(actual).toEqual(source);
          stored.add(at);
          continue;
        }
        const normed = QK_NORM ? rmsNorm(source, norms[isQuery ? 0 : 1], eps) : source;
        const expected = rotate(normed, positions[row], frequencies);
        const magnitude = Math.max(...Array.from(normed, Math.abs));
        expect(worst(actual, expected, () => 2e-5 * magnitude)).toBeLessThan(1);
      }
    }
    const touched = Array.from({ length: CONTEXT * numKeyValueHeads }, (_, i) => i * D4 * 4).filter(
      (at) => read.values[at] !== 9 || read.keys[at] !== 9,
    );
    expect(touched).toEqual([...stored].sort((a, b) => a - b));
  });
});
