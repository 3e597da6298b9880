import type { Arena } from "../gpu/arena.js";
import type { Binding } from "../gpu/kernel.js";
import type { Gpu } from "../gpu/device.js";
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
}

/** Below so many tiles the sharing kernel takes longer to compile than it saves. */
const MIN_SHARING_TILES = 4;
/** Behind so many keys the kernels are those of a long text. */
export const KEYS_OF_LONG_TEXTS = MIN_SHARING_TILES * KEY_TILE;

/**
 * Three or four rows an invocation save little more (0.61 instead of 0.71 of the time for heads of 32) and compile two to five
 * times as long.
 */
const CPU_LIKE: AttentionShares = { minSharingRows: 2, minSharingTiles: MIN_SHARING_TILES, maxMergeGroups: 8 };
/** Enough invocations to fill the device come first. */
const GPU_LIKE: AttentionShares = { minSharingRows: 32, minSharingTiles: MIN_SHARING_TILES, maxMergeGroups: 1 };

/** Shape of one attention layer. `D` is the size of a head. */
export interface AttentionShape {
  numHeads: number;
  numKeyValueHeads: number;
  headDim: number;
  /** Factor on the scores. */
  scale: number;
  /** Sliding window in positions, or null. */
  window: number | null;
}

/** Floats of the partials buffer for `ATTENTION_ROWS` rows over `context` keys. */
export function partialsLength(shape: AttentionShape, context: number): number {
  return ATTENTION_ROWS * shape.numHeads * Math.ceil(context / KEY_TILE) * (ceil4(shape.headDim) + 1) * 4;
}

/** The tile kernel for one row an invocation and for rows that share one; each is compiled at first use. */
interface TileOps {
  single: Op;
  sharing: Op;
}

/** Softmax attention by fixed key tiles, then their merge: two dispatches for every `ATTENTION_ROWS` rows. */
export class Attention {
  private readonly tiles: TileOps;
  private readonly checkedTiles: TileOps;
  private readonly merge: Op;
  private readonly mergeGroups: number;
  private readonly d4: number;
  private readonly headsPerInvocation: number;

  constructor(
    gpu: Gpu,
    arena: Arena,
    private readonly shape: AttentionShape,
    buffers: {
      q: GPUBuffer;
      keys: Binding;
      values: Binding;
      rows: GPUBuffer;
      slots: GPUBuffer;
      partials: GPUBuffer;
      y: GPUBuffer;
      yStride: number;
    },
    floatBits: (value: number) => number,
    private readonly shares: AttentionShares = gpu.facts.isSoftware ? CPU_LIKE : GPU_LIKE,
  ) {
    const { numHeads, numKeyValueHeads, headDim, scale, window } = shape;
    this.d4 = ceil4(headDim);
    const constants = { D4: this.d4, TILE: KEY_TILE };
    const tileDims = arena.uniform("attention dims", [
      numHeads,
      numHeads / numKeyValueHeads,
      numKeyValueHeads,
      floatBits(scale),
      window ?? 0,
    ]);
    // Two heads fit the registers; both read the same keys and values, so those are loaded once.
    this.headsPerInvocation = (numHeads / numKeyValueHeads) % 2 === 0 ? 2 : 1;
    const bindings = [
      tileDims,
      buffers.q,
      buffers.keys,
      buffers.values,
      buffers.rows,
      buffers.slots,
      gpu.queue.inputs.buffer,
      buffers.partials,
    ];
    const tiles = (CHECKED: boolean): TileOps => {
      const op = (ROWS: number) =>
        makeOp(gpu, "attention_tile", { ...constants, ROWS, HEADS: this.headsPerInvocation, CHECKED }, bindings);
      return { single: op(1), sharing: op(SHARING_ROWS) };
    };
    this.checkedTiles = tiles(true);
    this.tiles = window === null ? tiles(false) : this.checkedTiles;
    const mergeDims = arena.uniform("attention merge dims", [numHeads, headDim, buffers.yStride]);
    this.mergeGroups = largestDivisor(this.d4, shares.maxMergeGroups);
    const mergeConstants = { ...constants, GROUPS: this.mergeGroups };
    this.merge = makeOp(gpu, "attention_merge", mergeConstants, [mergeDims, buffers.partials, buffers.rows, buffers.y]);
  }

  /**
   * Records the attention of `numRows` rows whose step block (for these rows) is at `stepOffset`. `isRanked`: rows of
   * explicit rank may be in the cache, so that not every key below a row's count is visible to it.
   */
  record(stepOffset: number, numRows: number, numTiles: number, isRanked: boolean): void {
    const ops = isRanked ? this.checkedTiles : this.tiles;
    const { minSharingRows, minSharingTiles } = this.shares;
    const isSharing = numRows >= minSharingRows && numTiles >= minSharingTiles;
    const numBundles = isSharing ? Math.ceil(numRows / SHARING_ROWS) : numRows;
    const op = isSharing ? ops.sharing : ops.single;
    op.record(stepOffset, (numBundles * numTiles * this.shape.numHeads) / this.headsPerInvocation);
    this.merge.record(stepOffset, (numRows * this.shape.numHeads * this.d4) / this.mergeGroups);
  }
}

function largestDivisor(n: number, max: number): number {
  let divisor = Math.min(n, max);
  while (n % divisor !== 0) divisor--;
  return divisor;
}
