import type { Linear } from "../ops/linear.js";
import { ceil4 } from "../ops/op.js";
import { RowNorm } from "../ops/row-norm.js";
import type { Product } from "./layer.js";
import type { Transformer } from "./transformer.js";
import { type Filling, WeightFills } from "./weight-fills.js";
import type { TensorPlan, Weights } from "../../../format/tensor.js";

/** PyTorch's LayerNorm. */
const EPS = 1e-5;

/**
 * What the sampler head of arXiv 2507.11851 does behind its first product (of a mask's hidden state and the token before):
 * SiLU and LayerNorm, a product, SiLU and LayerNorm. Then comes the model's LM head.
 */
export class MaskSampler implements Product {
  private readonly norms: RowNorm[];
  private readonly product: Linear;
  private readonly weights: WeightFills;

  /** `model`: of no layers, on the trunk. `plan(name)` says how a tensor under `sampler.` is stored. */
  constructor(model: Transformer, plan: (name: string) => TensorPlan, hasTensor: (name: string) => boolean) {
    const { gpu, arena, architecture, activations, input, variants } = model;
    const width = ceil4(architecture.hiddenSize);
    this.weights = new WeightFills(arena, plan, variants, { format: null });
    const vector = (name: string): GPUBuffer => this.weights.vector(name, [name]);
    const scratch = input ?? { embedded: activations.x, features: activations.x };
    const norm = (name: string, x: GPUBuffer, y: GPUBuffer) => {
      const own = { x, weight: vector(`${name}.weight`), bias: vector(`${name}.bias`), y };
      const how = { size: architecture.hiddenSize, eps: EPS, kind: "layer", activation: "silu" } as const;
      return new RowNorm(gpu, arena, { ...how, ...own });
    };
    this.norms = [
      norm("sampler.in_norm", activations.x, scratch.embedded),
      norm("sampler.out_norm", scratch.features, activations.x),
    ];
    const w = this.weights.matrix("sampler out", ["sampler.out.weight"]);
    const bias = hasTensor("sampler.out.bias") ? vector("sampler.out.bias") : undefined;
    this.product = model.linear({ x: scratch.embedded, w, bias, y: scratch.features, yStride: width * 4 });
  }

  /** Sends the weights to the device; see `WeightFills`. */
  fillWeights(weights: Weights, filling?: Filling): Promise<void> {
    return this.weights.fill(weights, filling);
  }

  record(stepOffset: number, numRows: number): void {
    this.norms[0].record(stepOffset, numRows);
    this.product.record(stepOffset, numRows);
    this.norms[1].record(stepOffset, numRows);
  }
}
