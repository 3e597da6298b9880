import type { Tensor } from "../../../format/tensor.js";
import type { Arena } from "../gpu/arena.js";
import { Linear, type LinearOptions } from "../ops/linear.js";
import { ceil4 } from "../ops/op.js";
import { type Layer, PRODUCTS, type Product, type ProductName } from "./layer.js";
import type { Transformer } from "./transformer.js";
import { MAX_MASK_ROWS } from "../../../seam/mask-rows.js";
import { emptyMatrix } from "./empty-matrix.js";

/** What an adapter adds to a product: rows of x times `a` `[R, K]`, then times `b` `[N, R]`. */
interface LowRank {
  a: Tensor;
  b: Tensor;
}

/** Which rows of the forward that is being recorded are masks: a step block of theirs, which lists them, and their number. */
interface MaskRows {
  step: number;
  numRows: number;
}

/**
 * Low-rank products and embeddings that only mask rows get (arXiv 2507.11851): every other row computes what it computes
 * without them, bit for bit. Its layers take the model's place in a forward with masks.
 */
export class Adapter {
  readonly layers: readonly Layer[];
  /** `[numMasks, C]`, rows padded to a multiple of four. */
  readonly embeddings: GPUBuffer;
  private readonly arena: Arena;
  private readonly rows: MaskRows = { step: 0, numRows: 0 };
  private readonly fills: (() => void)[] = [];

  /** `lowRank`: what it adds to a product of a layer, if anything. All memory is taken here; `fill` must follow. */
  constructor(
    private readonly model: Transformer,
    readonly numMasks: number,
    lowRank: (layer: number, product: ProductName) => LowRank | null,
  ) {
    this.arena = model.gpu.arena.child();
    this.embeddings = this.arena.storage("mask embeddings", numMasks * ceil4(model.architecture.hiddenSize) * 16);
    const widest = Math.max(...model.products.flatMap((layer) => PRODUCTS.map((product) => layer[product].w.n)));
    const delta = this.arena.storage("low-rank products", MAX_MASK_ROWS * widest * 4);
    this.layers = model.layers.map((layer, i) => {
      const own = { ...layer };
      for (const product of PRODUCTS) {
        const factors = lowRank(i, product);
        if (factors) own[product] = this.gated(`${product} ${i}`, model.products[i][product], factors, delta);
      }
      return own;
    });
  }

  /** Sends the values to the device; `embeddings` are `[numMasks, hidden size]`. */
  fill(embeddings: Float32Array): void {
    for (const fill of this.fills) fill();
    this.fills.length = 0;
    const { hiddenSize } = this.model.architecture;
    const stride = ceil4(hiddenSize) * 4;
    const padded = new Float32Array(this.numMasks * stride);
    for (let mask = 0; mask < this.numMasks; mask++) {
      padded.set(embeddings.subarray(mask * hiddenSize, (mask + 1) * hiddenSize), mask * stride);
    }
    this.arena.write(this.embeddings, padded);
  }

  /** Says which rows the products recorded next take for masks. */
  begin(step: number, numRows: number): void {
    this.rows.step = step;
    this.rows.numRows = numRows;
  }

  /** Bytes that it takes. */
  get byteLength(): number {
    return this.arena.ownByteLength;
  }

  dispose(): void {
    this.arena.dispose();
  }

  private gated(label: string, base: LinearOptions, { a, b }: LowRank, delta: GPUBuffer): Product {
    const { gpu, variants } = this.model;
    const { arena } = this;
    const storage = { panel: variants.matmul.panel, widensF16: variants.widensF16 };
    const matrix = (tensor: Tensor) => {
      const empty = emptyMatrix(arena, tensor.name, [tensor], storage);
      this.fills.push(() => empty.put([tensor]));
      return empty.matrix;
    };
    const [rank] = a.shape;
    const yStride = ceil4(rank) * 4;
    const inner = arena.storage(`${label} low-rank rows`, MAX_MASK_ROWS * yStride * 4);
    const { x, norm } = base;
    const { matmul } = variants;
    const first = new Linear(gpu, arena, matmul, { x, norm, isGathered: true, w: matrix(a), y: inner, yStride });
    const second = new Linear(gpu, arena, matmul, { x: inner, w: matrix(b), y: delta, yStride: base.w.n });
    return new GatedProduct(first, second, this.model.linear({ ...base, delta }), this.rows);
  }
}

/** A product whose mask rows get a low-rank one added. */
class GatedProduct implements Product {
  constructor(
    private readonly first: Linear,
    private readonly second: Linear,
    private readonly whole: Linear,
    private readonly masks: MaskRows,
  ) {}

  record(stepOffset: number, numRows: number): void {
    const { step, numRows: numMasks } = this.masks;
    this.first.record(step, numMasks);
    this.second.record(step, numMasks);
    this.whole.record(stepOffset, numRows);
  }
}
