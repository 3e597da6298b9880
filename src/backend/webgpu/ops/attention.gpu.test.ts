// Over 300 lines: one float64 attention, compared over shapes, reading orders and tiles. It is the reference of attention.wgsl, of the
// kernels that do the same apart (rope_store, attention_tile, attention_merge), and so of what they share: attention_dims.wgsl,
// attention_keys.wgsl, attention_join.wgsl, soft_cap.wgsl, cache.wgsl and rope_head.wgsl.
import { describe, expect, it } from "vitest";
import { ATTENTION_ROWS, Attention, type AttentionShape, KEY_TILE, workLength } from "./attention.js";
import type { CacheFormat } from "../../../seam/cache-format.js";
import { closeHeads, openHeads } from "../../../testing/cached-heads.js";
import { ceil4, makeOp } from "./op.js";
import { attend, rmsNorm, rotate } from "./reference.js";
import { numbers, worst } from "../../../testing/test-bed.js";
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

const SLOTS_AT = CONTEXT * 32;

class Forward {
  readonly lengths = bed.empty("lengths", 4);
  readonly records = bed.empty("rows and slots", CONTEXT * 12);
  private readonly prepare = makeOp(bed.gpu, "prepare", { WORKGROUP_SIZE: 1 }, [
    bed.gpu.queue.inputs.buffer,
    bed.gpu.results.buffer,
    this.lengths,
    { buffer: this.records, offset: 0, size: SLOTS_AT },
    { buffer: this.records, offset: SLOTS_AT, size: CONTEXT * 16 },
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

/** One row and one group of columns an invocation, or two of each; all in a workgroup for each group of heads, or in kernels apart. */
const SHARES = {
  single: { minSharingRows: Number.POSITIVE_INFINITY, minSharingTiles: 0, maxMergeGroups: 1 },
  sharing: { minSharingRows: 1, minSharingTiles: 0, maxMergeGroups: 2 },
};
const REACH = {
  whole: { maxWholeRows: Number.POSITIVE_INFINITY, maxWholeTiles: Number.POSITIVE_INFINITY },
  apart: { maxWholeRows: 0, maxWholeTiles: 0 },
};
interface Way {
  shares: keyof typeof SHARES;
  reach: keyof typeof REACH;
  /** Query heads: an even number a group of keys are computed two by two. */
  numHeads: number;
  /** Default: f32. */
  cache?: CacheFormat;
  softCap?: number;
  /** All heads of queries are normed as one, and all of keys. */
  isWhole?: boolean;
}
const NUM_HEADS = [6, 4];
const Y_STRIDE = SHAPE.numHeads * SHAPE.headDim + 4;
/** Large enough to show. */
const EPS = 0.3;
/** Of these heads queries and keys are normed, and only a part of them is rotated. */
const isNormed = (numHeads: number) => numHeads === 6;

/** What a case reads, the same in all ways; the cache holds 9 where nothing was stored yet. */
function operands({ n, base }: Pick<Case, "n" | "base">, { numHeads, isWhole }: Pick<Way, "numHeads" | "isWhole">) {
  const { numKeyValueHeads, headDim } = SHAPE;
  const half = isNormed(numHeads) ? 2 : 3;
  const frequencies = Array.from({ length: half }, (_, i) => 100 ** (-i / half));
  const cache = (seed: number) => {
    const values = numbers(seed, base * numKeyValueHeads * headDim);
    const out = new Float32Array(CONTEXT * numKeyValueHeads * D4 * 4).fill(9);
    for (let i = 0; i < values.length; i++) out[Math.floor(i / headDim) * D4 * 4 + (i % headDim)] = values[i];
    return out;
  };
  const width = (numHeads + 2 * numKeyValueHeads) * headDim;
  const qkv = numbers(3, n * width).map((value, i) => value * (i % width < numHeads * headDim ? 4 : 1));
  return {
    keys: cache(1),
    values: cache(2),
    qkv,
    width,
    norms: [
      numbers(6, isWhole ? numHeads * headDim : headDim),
      numbers(7, isWhole ? numKeyValueHeads * headDim : headDim),
    ],
    frequencies,
  };
}

/** The outputs of a case computed one way, `[n, Y_STRIDE]`, whose cells that nothing writes hold 7; and what its cache holds then. */
async function run(c: Case, { shares, reach, numHeads, cache = "f32", softCap, isWhole }: Way) {
  const shape: AttentionShape = { ...SHAPE, numHeads, window: c.window ?? null, softCap };
  const { keys, values, qkv, norms, frequencies } = operands(c, { numHeads, isWhole });
  const table = Array.from({ length: CONTEXT }, (_, position) => [
    ...frequencies.map((frequency) => Math.cos(position * frequency)),
    ...frequencies.map((frequency) => Math.sin(position * frequency)),
  ]).flat();
  const gains = bed.gpu.arena.buffer("norms", 256, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
  bed.gpu.arena.write(gains, Float32Array.from([...norms[0], ...norms[1]]));
  const forward = new Forward();
  const buffers = {
    qkv: bed.floats("qkv", qkv),
    rope: { buffer: bed.floats("rope", table), half: frequencies.length },
    qkNorms: isNormed(numHeads) ? { gains, eps: EPS, isWhole } : null,
    records: { buffer: forward.records, slotsAt: SLOTS_AT },
    cache,
    keys: bed.words("keys", closeHeads(cache, keys, D4)),
    values: bed.words("values", closeHeads(cache, values, D4)),
    work: bed.empty("work", workLength(shape, CONTEXT, CONTEXT)),
    y: bed.floats("y", new Float32Array(c.n * Y_STRIDE).fill(7)),
    yStride: Y_STRIDE,
  };
  const limits = { context: CONTEXT, maxRows: CONTEXT };
  const how = { ...SHARES[shares], ...REACH[reach] };
  const attention = new Attention(bed.gpu, bed.gpu.arena, shape, buffers, limits, how);
  const step = forward.enter(c);
  const chunks = [];
  for (let offset = 0; offset < c.n; offset += ATTENTION_ROWS) {
    const numRows = Math.min(ATTENTION_ROWS, c.n - offset);
    chunks.push({ step: bed.step(step.with(0, numRows).with(7, offset)), numRows });
  }
  const before = bed.gpu.queue.dispatchCount;
  attention.record({ step: bed.step(step), numRows: c.n, chunks }, step[6], c.rank !== undefined);
  const dispatches = bed.gpu.queue.dispatchCount - before;
  const y = await bed.readFloats(buffers.y, c.n * Y_STRIDE);
  const numWords = closeHeads(cache, keys, D4).length;
  const stored = async (buffer: GPUBuffer) => openHeads(cache, (await bed.readWords(buffer, numWords)).slice(), D4);
  return { y, keys: await stored(buffers.keys), values: await stored(buffers.values), dispatches };
}

const WAYS = (["single", "sharing"] as const).flatMap((shares) =>
  (["whole", "apart"] as const).flatMap((reach) => NUM_HEADS.map((numHeads): Way => ({ shares, reach, numHeads }))),
);
const ROUNDED_WAYS = (["f16", "q8"] as const).flatMap((cache): Way[] => [
  { shares: "single", reach: "apart", numHeads: 6, cache },
  { shares: "sharing", reach: "whole", numHeads: 4, cache },
]);
const CAPPED_WAYS: Way[] = [
  { shares: "single", reach: "apart", numHeads: 4, softCap: 1.5 },
  { shares: "sharing", reach: "whole", numHeads: 6, softCap: 1.5, isWhole: true },
];
/** How far a number of a head may lie from what is kept of it: a step of 11 bits, or half of one of 8 and what arithmetic adds. */
const offBy = {
  f32: () => 2e-5,
  f16: (x: number) => Math.abs(x) / 1024 + 2e-5,
  q8: (_: number, peak: number) => peak / 253 + 2e-5,
};

describe.each([...WAYS, ...ROUNDED_WAYS, ...CAPPED_WAYS])(
  "attention, $shares, $reach, $numHeads heads, cache $cache, cap $softCap, agrees with float64 for",
  (way) => {
    const { numHeads, reach, cache = "f32" } = way;
    const { numKeyValueHeads, headDim, scale } = SHAPE;
    it.each(CASES)("$title", async (c) => {
      const { keys, values, qkv, width, norms, frequencies } = operands(c, way);
      const actual = await run(c, way);
      const slotOf = (row: number) => c.slots?.[row] ?? c.base + row;
      const depthOf = (row: number) => ancestorsOf(c.parents ?? [], row).length - 1;
      const positionOf = (row: number) => c.positions?.[row] ?? (c.parents ? c.base + depthOf(row) : slotOf(row));
      const projected = (row: number, head: number) =>
        qkv.subarray(row * width + head * headDim, row * width + (head + 1) * headDim);
      const placed = (row: number, head: number) => {
        const own = projected(row, head);
        const kind = head < numHeads ? 0 : 1;
        if (!way.isWhole) {
          const normed = isNormed(numHeads) ? rmsNorm(own, norms[kind], EPS) : own;
          return rotate(normed, positionOf(row), frequencies);
        }
        const at = row * width + kind * numHeads * headDim;
        const all = rmsNorm(qkv.subarray(at, at + norms[kind].length), norms[kind], EPS);
        const first = (head - kind * numHeads) * headDim;
        return rotate(all.subarray(first, first + headDim), positionOf(row), frequencies);
      };
      // Keys and values as they are then, by slot and head.
      const cached = (data: Float32Array) =>
        Array.from(
          { length: CONTEXT * numKeyValueHeads },
          (_, i): ArrayLike<number> => data.subarray(i * D4 * 4, i * D4 * 4 + headDim),
        );
      const kept = (all: Float32Array<ArrayBuffer>) =>
        cached(openHeads(cache, Uint32Array.from(closeHeads(cache, all, D4)), D4));
      let allKeys = kept(keys);
      let allValues = kept(values);
      for (let row = 0; row < c.n; row++) {
        for (let g = 0; g < numKeyValueHeads; g++) {
          allKeys[slotOf(row) * numKeyValueHeads + g] = placed(row, numHeads + g);
          allValues[slotOf(row) * numKeyValueHeads + g] = projected(row, numHeads + numKeyValueHeads + g);
        }
      }
      const expectNear = (now: ArrayLike<number>[], all: ArrayLike<number>[]) => {
        for (const [i, head] of all.entries()) {
          const peak = Array.from(head).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
          const error = worst(now[i], head, (c) => offBy[cache](head[c], peak));
          expect(error, `head ${i}`).toBeLessThan(1);
        }
      };
      const [nowKeys, nowValues] = [cached(actual.keys), cached(actual.values)];
      expectNear(nowKeys, allKeys);
      if (cache === "f32") expect(nowValues).toEqual(allValues);
      // What is attended to is what is kept.
      else [, allKeys, allValues] = [expectNear(nowValues, allValues), nowKeys, nowValues];
      for (let row = 0; row < c.n; row++) {
        const slots = visibleSlots(c, row);
        for (let h = 0; h < numHeads; h++) {
          const group = Math.floor(h / (numHeads / numKeyValueHeads));
          const pick = (data: ArrayLike<number>[]) => slots.map((slot) => data[slot * numKeyValueHeads + group]);
          const expected = attend(placed(row, h), pick(allKeys), pick(allValues), scale, way.softCap);
          const at = row * Y_STRIDE + h * headDim;
          // Values lie in [-1, 1] and weights sum to 1.
          const error = worst(actual.y.subarray(at, at + headDim), expected, () => 2e-5);
          expect(error, `row ${row}, head ${h}, ${slots.length} keys`).toBeLessThan(1);
          if (slots.length === 0) expect(Array.from(actual.y.subarray(at, at + headDim))).toEqual([0, 0, 0, 0, 0, 0]);
        }
        expect(actual.y[row * Y_STRIDE + numHeads * headDim]).toBe(7);
      }
      const isWhole = reach === "whole" && c.n <= ATTENTION_ROWS;
      expect(actual.dispatches).toBe(isWhole ? 1 : 1 + 2 * Math.ceil(c.n / ATTENTION_ROWS));
    });
  },
);

describe("attention by one workgroup, or of two rows that share loaded keys, has the bits of rows alone in kernels apart", () => {
  const words = async (c: Case, way: Way) => {
    const { y, keys, values } = await run(c, way);
    return [y, keys, values].map(({ buffer }) => new Uint32Array(buffer));
  };
  const sizes = [1, 2, 3, 5, 8, 17, 64, 65];
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
      for (const n of sizes) {
        const alone = await words(of(n), { numHeads, shares: "single", reach: "apart" });
        for (const way of WAYS)
          if (way.numHeads === numHeads && way.reach + way.shares !== "apartsingle")
            expect(await words(of(n), way), `${n} rows, ${way.reach}, ${way.shares}`).toEqual(alone);
      }
  });
});

describe("prepare", () => {
  it("numbers rows and cache slots, and lets the first rows join", async () => {
    const forward = new Forward();
    forward.enter({ title: "", base: 5, n: 3, mode: "tree", parents: [-1, 0, 0] });
    const rows = await bed.readWords(forward.records, 24);
    const field = (index: number) => [rows[index], rows[8 + index], rows[16 + index]];
    expect({ tokens: field(0), positions: field(1), slots: field(2), counts: field(4) }).toEqual({
      tokens: [100, 101, 102],
      positions: [5, 6, 6],
      slots: [5, 6, 7],
      counts: [6, 7, 7],
    });
    const slots = await bed.readWords(forward.records, 8 * 4, SLOTS_AT / 4);
    expect(Array.from(slots).filter((_, i) => i % 4 === 0)).toEqual([0, 1, 2, 3, 4, 5, 6, 6]);
    expect(Array.from(slots).filter((_, i) => i % 4 === 2)).toEqual([0, 1, 2, 3, 4, 100, 101, 102]);
    expect(Array.from(await bed.readWords(forward.lengths, 3))).toEqual([0, 0, 5]);
  });
});
