import type { Arena } from "../gpu/arena.js";
import type { Binding } from "../gpu/kernel.js";
import type { Gpu } from "../gpu/device.js";
import { floatBits } from "../gpu/queue.js";
import type { CacheFormat } from "../../../seam/cache-format.js";
import { cachedHead } from "./cache.js";
import { ceil4, makeOp, type Op } from "./op.js";

/** Keys of one attention tile: a fixed number, so that a key stands in the same tile and lane for every M. */
export const KEY_TILE = 16;
/** Rows whose partial results fit the scratch buffer at once. */
export const ATTENTION_ROWS = 64;

/** Rows that share an invocation, and with it each key and value that it loads. */
const SHARING_ROWS = 2;

/** Who computes what; a row's bits don't depend on it. */
export interface AttentionShares {
  /** Forwards with at least so many rows over at least so many tiles let rows share invocations. */
  minSharingRows: number;
  minSharingTiles: number;
  /** Most groups of four columns that one invocation merges, each tile's weight being computed once for all of them. */
  maxMergeGroups: number;
  /** Forwards of at most so many rows over at most so many tiles are one dispatch: a workgroup for each group of heads that reads the same keys. */
  maxWholeRows: number;
  maxWholeTiles: number;
}

/** Below so many tiles the sharing kernel takes longer to compile than it saves. */
const MIN_SHARING_TILES = 4;
/** Above so many tiles a real GPU spreads the keys of a group of heads over workgroups. */
const MAX_WHOLE_TILES = 64;
/** Behind so many keys the kernels are others. */
export const KEYS_OF_LONG_TEXTS = [MIN_SHARING_TILES * KEY_TILE, MAX_WHOLE_TILES * KEY_TILE];

/**
 * A few workgroups keep a CPU's cores busy. Three or four rows an invocation save little more (0.61 instead of 0.71 of the time for
 * heads of 32) and compile two to five times as long.
 */
const CPU_LIKE: AttentionShares = {
  minSharingRows: 2,
  minSharingTiles: MIN_SHARING_TILES,
  maxMergeGroups: 8,
  maxWholeRows: ATTENTION_ROWS,
  maxWholeTiles: Number.POSITIVE_INFINITY,
};
/** Enough invocations to fill the device come first. */
const GPU_LIKE: AttentionShares = {
  minSharingRows: 32,
  minSharingTiles: MIN_SHARING_TILES,
  maxMergeGroups: 1,
  maxWholeRows: 4,
  maxWholeTiles: MAX_WHOLE_TILES,
};

/** Shape of one attention layer. `D` is the size of a head. */
export interface AttentionShape {
  numHeads: number;
  numKeyValueHeads: number;
  headDim: number;
  /** Factor on the scores. */
  scale: number;
  /** Sliding window in positions, or null. */
  window: number | null;
  /** Bound that scores stay within, softly; left out: none. */
  softCap?: number;
}

/** Where a scratch buffer of queries, then partial results begins with the latter, in floats. */
function queriesLength({ numHeads, headDim }: AttentionShape, maxRows: number): number {
  return maxRows * numHeads * ceil4(headDim) * 4;
}

/** Floats of the scratch buffer for the queries of `maxRows` rows and partial results of `ATTENTION_ROWS` over `context` keys. */
export function workLength(shape: AttentionShape, maxRows: number, context: number): number {
  const numTiles = Math.ceil(context / KEY_TILE);
  return queriesLength(shape, maxRows) + ATTENTION_ROWS * shape.numHeads * numTiles * (ceil4(shape.headDim) + 1) * 4;
}

/** What the attention of a layer reads and writes. */
export interface AttentionBuffers {
  /** `[M, (H + 2G) D]`. */
  qkv: GPUBuffer;
  /** Cosines and sines of positions, and how many pairs of channels they rotate. */
  rope: { buffer: GPUBuffer; half: number };
  /**
   * Gains of queries' and keys' norms, in a buffer that can be a uniform, and what is added to their mean squares: `[2, D]`, of each head, or
   * `[(H + G) D]` if all heads of queries are normed as one, and all of keys.
   */
  qkNorms: { gains: GPUBuffer; eps: number; isWhole?: boolean } | null;
  /** Row records, then slot records. */
  records: { buffer: GPUBuffer; slotsAt: number };
  /** How keys and values lie there; default: `f32`. */
  cache?: CacheFormat;
  keys: Binding;
  values: Binding;
  /** Scratch of `workLength`. */
  work: GPUBuffer;
  /** `[M, yStride]`. */
  y: GPUBuffer;
  yStride: number;
}

/** How many positions there are, and rows at most. */
export interface AttentionLimits {
  context: number;
  maxRows: number;
}

/** The tile kernel for one row an invocation and for rows that share one; each is compiled at first use. */
interface TileOps {
  single: Op;
  sharing: Op;
}

/** Rows of a forward with their step block, and parts of them of `ATTENTION_ROWS` at most, each with its own. */
export interface AttentionRows {
  step: number;
  numRows: number;
  chunks: readonly { step: number; numRows: number }[];
}

/**
 * What stands between a layer's products of queries, keys and values, and of its output: queries and keys normed and rotated, keys
 * and values stored, softmax attention by fixed key tiles, and their merge. One dispatch; for many rows, or on a real GPU for
 * many keys, one of the first and two for every `ATTENTION_ROWS` rows.
 */
export class Attention {
  private readonly whole: TileOps;
  private readonly checkedWhole: TileOps;
  private readonly place: Op;
  private readonly tiles: TileOps;
  private readonly checkedTiles: TileOps;
  private readonly merge: Op;
  private readonly mergeGroups: number;
  private readonly d4: number;
  private readonly headsPerInvocation: number;
  private readonly workgroupSize: number;

  constructor(
    gpu: Gpu,
    arena: Arena,
    private readonly shape: AttentionShape,
    { qkv, rope, qkNorms, records, cache = "f32", keys, values, work, y, yStride }: AttentionBuffers,
    { context, maxRows }: AttentionLimits,
    private readonly shares: AttentionShares = gpu.facts.isSoftware ? CPU_LIKE : GPU_LIKE,
  ) {
    const { numHeads, numKeyValueHeads, headDim, scale, window } = shape;
    const perGroup = numHeads / numKeyValueHeads;
    this.d4 = ceil4(headDim);
    this.workgroupSize = gpu.kernels.workgroupSize;
    const dims = arena.uniform("attention dims", [
      numHeads,
      perGroup,
      numKeyValueHeads,
      headDim,
      rope.half,
      (numHeads + 2 * numKeyValueHeads) * headDim,
      context - 1,
      floatBits(qkNorms?.eps ?? 0),
      floatBits(scale),
      window ?? 0,
      yStride,
      queriesLength(shape, maxRows) / 4,
      records.slotsAt / 16,
      floatBits(shape.softCap ?? 0),
    ]);
    // Two heads fit the registers; both read the same keys and values, so those are loaded once.
    this.headsPerInvocation = perGroup % 2 === 0 ? 2 : 1;
    this.mergeGroups = largestDivisor(this.d4, shares.maxMergeGroups);
    const inputs = gpu.queue.inputs.buffer;
    const norms = qkNorms ? [qkNorms.gains] : [];
    const { isWhole = false } = qkNorms ?? {};
    const normed = isWhole ? numHeads + numKeyValueHeads : 2;
    const { format, cells } = cachedHead(cache, headDim);
    const cached = { D4: this.d4, CACHE: format, CELLS: cells };
    const heads = { ...cached, QK_NORM: qkNorms !== null, QK_WHOLE: isWhole, NORM_GROUPS: ceil4(normed * headDim) };
    const tile = { ...cached, TILE: KEY_TILE, HEADS: this.headsPerInvocation, CAPPED: shape.softCap !== undefined };
    const shared = [dims, records.buffer, work];
    const byRows = (make: (ROWS: number) => Op): TileOps => ({ single: make(1), sharing: make(SHARING_ROWS) });
    const tiles = (CHECKED: boolean) =>
      byRows((ROWS) => makeOp(gpu, "attention_tile", { ...tile, ROWS, CHECKED }, [...shared, keys, values, inputs]));
    // So many groups that every lane merges some.
    const GROUPS = largestDivisor(
      this.d4,
      Math.max(1, Math.min(shares.maxMergeGroups, Math.floor((perGroup * this.d4) / this.workgroupSize))),
    );
    const whole = (CHECKED: boolean) =>
      byRows((ROWS) =>
        makeOp(gpu, "attention", { ...heads, ...tile, ROWS, CHECKED, GROUPS }, [
          ...shared,
          qkv,
          rope.buffer,
          keys,
          values,
          inputs,
          y,
          ...norms,
        ]),
      );
    this.checkedWhole = whole(true);
    this.whole = window === null ? whole(false) : this.checkedWhole;
    this.place = makeOp(gpu, "rope_store", heads, [...shared, qkv, rope.buffer, keys, values, ...norms]);
    this.checkedTiles = tiles(true);
    this.tiles = window === null ? tiles(false) : this.checkedTiles;
    this.merge = makeOp(gpu, "attention_merge", { D4: this.d4, TILE: KEY_TILE, GROUPS: this.mergeGroups }, [
      ...shared,
      y,
    ]);
  }

  /** Records the attention of rows. `isRanked`: rows of explicit rank may be in the cache, so that not every key below a row's count is visible to it. */
  record({ step, numRows, chunks }: AttentionRows, numTiles: number, isRanked: boolean): void {
    const { maxWholeRows, maxWholeTiles } = this.shares;
    const { numHeads, numKeyValueHeads } = this.shape;
    if (numRows <= Math.min(maxWholeRows, ATTENTION_ROWS) && numTiles <= maxWholeTiles) {
      const ops = isRanked ? this.checkedWhole : this.whole;
      const op = this.isSharing(numRows, numTiles) ? ops.sharing : ops.single;
      op.record(step, numKeyValueHeads * this.workgroupSize);
      return;
    }
    this.place.record(step, numRows * (numHeads + 2 * numKeyValueHeads));
    for (const chunk of chunks) this.recordTiles(chunk.step, chunk.numRows, numTiles, isRanked);
  }

  private recordTiles(step: number, numRows: number, numTiles: number, isRanked: boolean): void {
    const ops = isRanked ? this.checkedTiles : this.tiles;
    const isSharing = this.isSharing(numRows, numTiles);
    const numBundles = isSharing ? Math.ceil(numRows / SHARING_ROWS) : numRows;
    const op = isSharing ? ops.sharing : ops.single;
    op.record(step, (numBundles * numTiles * this.shape.numHeads) / this.headsPerInvocation);
    this.merge.record(step, (numRows * this.shape.numHeads * this.d4) / this.mergeGroups);
  }

  private isSharing(numRows: number, numTiles: number): boolean {
    const { minSharingRows, minSharingTiles } = this.shares;
    return numRows >= minSharingRows && numTiles >= minSharingTiles;
  }
}

function largestDivisor(n: number, max: number): number {
  let divisor = Math.min(n, max);
  while (n % divisor !== 0) divisor--;
  return divisor;
}
