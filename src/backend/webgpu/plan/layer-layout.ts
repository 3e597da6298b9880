import type { LayerSpec } from "../../../architecture/architecture.js";
import { invariant } from "../../../vocabulary/errors.js";
import type { Binding } from "../gpu/kernel.js";
import type { LinearOptions } from "../ops/linear.js";
import type { RowNormOptions } from "../ops/row-norm.js";
import type { Activations, LayerNorms, LayerProducts, NormedRows } from "./layer.js";
import type { Norms } from "./norms.js";
import type { WeightFills } from "./weight-fills.js";

/** What the layers of a model are laid out with. */
export interface LayerPlace {
  weights: WeightFills;
  norms: Norms;
  activations: Pick<Activations, "x" | "scaled" | "qkv" | "attended" | "hidden">;
  strides: { hidden: number; qkv: number; inner: number };
  hasTensor(name: string): boolean;
  /** What a block beside another reads. */
  beside: Binding;
  /** Where a block's output goes. */
  joining: GPUBuffer;
}

/** Where a layer stands: its tensors' prefix, the norm before it, and what its last block leaves for the one behind it. */
export interface LayerPosition {
  index: number;
  prefix: string;
  before: NormedRows | null;
  next: LinearOptions["feeds"];
}

/** A layer's products, its norms that are kernels of their own, and the norm of what its feed-forward block leaves. */
export interface LayerLayout {
  products: LayerProducts;
  norms: LayerNorms;
  behind: RowNormOptions | null;
}

/** Lays out a layer by its spec: takes the memory of its weights, and says what its products read and write. */
export function layOutLayer(
  { attention, mlp: block, isParallel }: LayerSpec,
  { weights, norms, activations, strides, hasTensor, beside, joining }: LayerPlace,
  { index: i, prefix, before, next }: LayerPosition,
): LayerLayout {
  const { x, scaled, qkv, attended, hidden } = activations;
  const attn = (part: string) => `${prefix}.self_attn.${part}`;
  const mlp = (part: string) => `${prefix}.mlp.${part}`;
  const bias = (label: string, names: string[]) =>
    hasTensor(names[0]) ? weights.vector(`${label} ${i}`, names) : undefined;
  const isGated = block.kind === "gated";
  const inner = (what: string) =>
    (isGated ? ["gate_proj", "up_proj"] : ["up_proj"]).map((part) => mlp(`${part}.${what}`));
  const place = isParallel ? beside : scaled;
  const middle = block.norm && norms.read(block.norm, `post norm ${i}`, `${prefix}.post_attention_layernorm`, place);
  const isPlain = before?.feeds === undefined && middle?.feeds === undefined;
  invariant(!isParallel || isPlain, "blocks beside each other read one residual stream, by norms of their own");
  const projected: LinearOptions = {
    x: attended,
    w: weights.matrix(`attention output ${i}`, [attn("o_proj.weight")]),
    bias: bias("attention output bias", [attn("o_proj.bias")]),
    y: joining,
    yStride: strides.hidden,
  };
  const output = norms.join(projected, attention.after, attn("after_norm"), middle?.feeds);
  const products: LayerProducts = {
    qkv: {
      ...(before?.read ?? { x }),
      w: weights.matrix(`qkv ${i}`, [attn("q_proj.weight"), attn("k_proj.weight"), attn("v_proj.weight")]),
      bias: bias("qkv bias", [attn("q_proj.bias"), attn("k_proj.bias"), attn("v_proj.bias")]),
      y: qkv,
      yStride: strides.qkv,
    },
    output: output.product,
    gateUp: {
      ...(middle?.read ?? { x }),
      w: weights.matrix(`gate and up ${i}`, inner("weight"), isGated),
      bias: bias("gate and up bias", inner("bias")),
      y: hidden,
      yStride: strides.inner,
      epilogue: { kind: isGated ? "gated" : "activated", activation: block.activation },
    },
    down: {
      x: hidden,
      w: weights.matrix(`down ${i}`, [mlp("down_proj.weight")]),
      bias: bias("down bias", [mlp("down_proj.bias")]),
      y: joining,
      yStride: strides.hidden,
    },
  };
  const down = norms.join(products.down, block.after, mlp("after_norm"), next);
  products.down = down.product;
  return {
    products,
    norms: {
      before: [...(before?.ops ?? []), ...(isParallel ? (middle?.ops ?? []) : [])],
      between: [...(output.norm ? [norms.make(output.norm)] : []), ...(isParallel ? [] : (middle?.ops ?? []))],
      behind: down.norm ? [norms.make(down.norm)] : [],
    },
    behind: down.norm,
  };
}
