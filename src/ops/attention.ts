import type { Arena } from "../gpu/arena.js";
import type { Binding } from "../gpu/kernel.js";
import type { Gpu } from "../gpu/device.js";
import { ceil4, makeOp, type Op } from "./op.js";

/** Keys of one attention tile: a fixed number, so that a key stands in the same tile and lane for every M. */
export const KEY_TILE = 16;
/** Rows whose partial results fit the scratch buffer at once. */
export const ATTENTION_ROWS = 64;

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

/** Softmax attention by fixed key tiles, then their merge: two dispatches for every `ATTENTION_ROWS` rows. */
export class Attention {
  private readonly tile: Op;
  private readonly checkedTile: Op;
  private readonly merge: Op;
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
    const tile = (CHECKED: boolean) =>
      makeOp(gpu, "attention_tile", { ...constants, HEADS: this.headsPerInvocation, CHECKED }, bindings);
    this.checkedTile = tile(true);
    this.tile = window === null ? tile(false) : this.checkedTile;
    const mergeDims = arena.uniform("attention merge dims", [numHeads, headDim, buffers.yStride]);
    this.merge = makeOp(gpu, "attention_merge", constants, [mergeDims, buffers.partials, buffers.rows, buffers.y]);
  }

  /**
   * Records the attention of `numRows` rows whose step block (for these rows) is at `stepOffset`. `isRanked`: rows of
   * explicit rank may be in the cache, so that not every key below a row's count is visible to it.
   */
  record(stepOffset: number, numRows: number, numTiles: number, isRanked: boolean): void {
    const tile = isRanked ? this.checkedTile : this.tile;
    tile.record(stepOffset, (numRows * numTiles * this.shape.numHeads) / this.headsPerInvocation);
    this.merge.record(stepOffset, numRows * this.shape.numHeads * this.d4);
  }
}
