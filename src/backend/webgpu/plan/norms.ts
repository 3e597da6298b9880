import type { NormSpec, PlainNorm } from "../../../architecture/architecture.js";
import type { LinearOptions } from "../ops/linear.js";
import { RowNorm, type RowNormOptions } from "../ops/row-norm.js";
import type { Arena } from "../gpu/arena.js";
import type { Gpu } from "../gpu/device.js";
import type { Binding } from "../gpu/kernel.js";
import type { Activations, NormedRows } from "./layer.js";
import type { WeightFills } from "./weight-fills.js";

/** What a model's norms are laid out with: where rows are, and where weights are planned. */
export interface NormPlace {
  gpu: Gpu;
  arena: Arena;
  /** Numbers in a row, and parts in which its squares are left. */
  size: number;
  parts: number;
  activations: Pick<Activations, "x" | "scaled" | "squares">;
  weights: Pick<WeightFills, "vector">;
}

/** Lays out the norms of a model by their specs: folded in the products around them, or as kernels of their own. */
export class Norms {
  constructor(private readonly place: NormPlace) {}

  /** The norm of the residual stream that a product reads; one that isn't folded leaves its rows in `y`. */
  read(spec: NormSpec, label: string, name: string, y: Binding = this.place.activations.scaled): NormedRows {
    const { size, activations, weights } = this.place;
    const { x, scaled, squares } = activations;
    const weight = weights.vector(label, [`${name}.weight`], spec.gainOffset);
    if (spec.way === "folded") {
      const norm = { squares, size, eps: spec.eps };
      return { read: { x: scaled, norm }, feeds: { gain: weight, scaled, squares }, ops: [] };
    }
    const { kind, eps } = spec;
    const bias = spec.hasBias ? weights.vector(`${label} bias`, [`${name}.bias`]) : undefined;
    return { read: { x: y }, feeds: undefined, ops: [this.make({ size, eps, kind, x, weight, bias, y })] };
  }

  /** A product that joins the residual stream, by a norm where there is one behind it. */
  join(
    product: LinearOptions,
    after: PlainNorm | null,
    name: string,
    feeds: LinearOptions["feeds"],
  ): { product: LinearOptions; norm: RowNormOptions | null } {
    const { size, activations, weights } = this.place;
    const { x } = activations;
    if (!after) return { product: { ...product, y: x, epilogue: { kind: "add" }, feeds }, norm: null };
    const { kind, eps } = after;
    const weight = weights.vector(name, [`${name}.weight`], after.gainOffset);
    const bias = after.hasBias ? weights.vector(`${name} bias`, [`${name}.bias`]) : undefined;
    return { product, norm: this.feeding({ size, eps, kind, x: product.y, weight, bias, y: x, adds: "own" }, feeds) };
  }

  /** A norm that leaves what the next one needs, where that is folded. */
  feeding(options: RowNormOptions, feeds: LinearOptions["feeds"]): RowNormOptions {
    return { ...options, feeds: feeds && { ...feeds, parts: this.place.parts } };
  }

  /** The kernel of a norm. */
  make(options: RowNormOptions): RowNorm {
    return new RowNorm(this.place.gpu, this.place.arena, options);
  }
}
