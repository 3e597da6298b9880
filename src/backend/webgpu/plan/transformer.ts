import { mostRows } from "../../../seam/row-limits.js";
import type { Arena } from "../gpu/arena.js";
import type { Gpu } from "../gpu/device.js";
import type { Binding } from "../gpu/kernel.js";
import type { EmbedOptions } from "../ops/embed.js";
import { Linear, type LinearOptions, type Norm, squareParts, type WeightMatrix } from "../ops/linear.js";
import type { RowNorm, RowNormOptions } from "../ops/row-norm.js";
import { type Rounding, roundingOf } from "../../../seam/rounding.js";
import { type Variants, variantsFor } from "../ops/variants.js";
import type { Architecture, RopeSpec } from "../../../architecture/architecture.js";
import { JOINT_NORMS } from "../../../extension/joint-sampler/key.js";
import { JointSampler } from "./joint-sampler.js";
import type { Activations, HeadInput, Layer, LayerProducts, Product, Rope } from "./layer.js";
import { ropeTable } from "../../../architecture/rope.js";
import type { Capabilities, HeadKind } from "../../../seam/capabilities.js";
import { attentionShape, makeActivations, stridesOf } from "./activations.js";
import { type LayerPlace, layOutLayer } from "./layer-layout.js";
import { Norms } from "./norms.js";
import { type Filling, WeightFills } from "./weight-fills.js";
import type { TensorPlan, Weights } from "../../../format/tensor.js";

/** The halves of a head's first matrix, for the embedded token and for the hidden state. */
export const FC_HALVES = ["fc.weight, token", "fc.weight, feature"] as const;

/** The model that another one is a part of, as its head or mask sampler: a part shares embedding and LM head, and has no final norm. */
export interface Part {
  of: Transformer;
  kind: HeadKind | "mask sampler";
}

/** A decoder-only transformer on one device: weights, activations and the plan of a forward. */
export class Transformer {
  readonly layers: Layer[] = [];
  /** By layer. */
  readonly products: LayerProducts[] = [];
  readonly activations: Activations;
  /** In parts of its rows, in order, as the LM head. */
  readonly embedding: readonly WeightMatrix[];
  /** Learned positions, a row each, and how many there are. */
  readonly positions: GPUBuffer | null;
  readonly numPositions: number | null;
  /** What the embedding leaves for the first layer's norm, where that is folded. */
  readonly firstFeeds: EmbedOptions["feeds"];
  /** Where a norm that isn't folded comes before the LM head. */
  readonly finalNorm: RowNorm | null;
  /** What the LM head reads. */
  readonly last: { x: Binding; norm?: Norm };
  /** The input of a head or a mask sampler; else null. */
  readonly input: HeadInput | null = null;
  /** The product behind a mask sampler's input; else null. */
  tail: Product | null = null;
  /** The norms of a joint sampler; else null. */
  readonly joint: JointSampler | null = null;
  readonly outputMatrix: readonly WeightMatrix[];
  /** The LM head's bias; null: none. */
  readonly outputBias: GPUBuffer | null;
  readonly maxRows: number;
  /** Its sessions look behind each layer whether numbers are finite. */
  isDebugged = false;
  readonly arena: Arena;

  private readonly isHalf: boolean;
  private readonly weights: WeightFills;
  private readonly norms: Norms;
  private readonly ropes = new Map<RopeSpec | null, Rope>();
  /** By number of layers: those of a model that ends there. */
  private readonly firstLayers = new Map<number, Layer[]>();
  private readonly finalFeeds: LinearOptions["feeds"];
  /** By layer: the norm of what its feed-forward block leaves. */
  private readonly behind: (RowNormOptions | null)[] = [];

  /** `plan(name)` says how a tensor of the folder is stored; its values may be on their way. All memory is taken here; `fillWeights` must follow. `rounding` rounds the matrices, the rows they are multiplied with as well, or their products. */
  constructor(
    readonly gpu: Gpu,
    readonly name: string,
    readonly architecture: Architecture,
    readonly capabilities: Capabilities,
    plan: (name: string) => TensorPlan,
    hasTensor: (name: string) => boolean,
    rounding: Rounding | null = null,
    readonly variants: Variants = variantsFor(gpu.facts),
    part: Part | null = null,
  ) {
    const trunk = part?.of;
    const isJoint = part?.kind === "joint";
    this.arena = gpu.arena.child();
    const a = architecture;
    const { arena } = this;
    const context = capabilities.maxLength;
    this.maxRows = trunk?.maxRows ?? mostRows(a, context);
    const { format, roundsRows, isHalf } = roundingOf(rounding);
    this.isHalf = isHalf;
    const weights = new WeightFills(arena, plan, variants, { format, roundsRows });
    this.weights = weights;
    this.embedding = trunk?.embedding ?? weights.end("embedding", "model.embed_tokens.weight");
    const own = () => (a.tied ? this.embedding : weights.end("lm head", "lm_head.weight"));
    this.outputMatrix = trunk?.outputMatrix ?? own();
    const ownBias = () => (a.lmHeadBias ? weights.vector("lm head bias", ["lm_head.bias"]) : null);
    this.outputBias = trunk ? trunk.outputBias : ownBias();
    this.numPositions = a.embedding.numPositions && Math.min(context, a.embedding.numPositions);
    this.positions =
      this.numPositions === null ? null : weights.rows("positions", "model.embed_positions.weight", this.numPositions);

    const { maxRows } = this;
    const { panel } = variants.matmul;
    this.activations = makeActivations(arena, a, { maxRows, context, panel, roundsRows });
    const { x, scaled, squares } = this.activations;
    const strides = stridesOf(a);
    const rows = (label: string) => arena.storage(label, maxRows * strides.hidden * 4);
    const shape = attentionShape(a);
    const size = a.hiddenSize;
    const parts = squareParts(size, panel);
    const norms = new Norms({ gpu, arena, size, parts, activations: this.activations, weights });
    this.norms = norms;
    const prefix = trunk ? "layers" : "model.layers";
    const input = a.layers.map(({ attention: { norm } }, i) =>
      !norm || (trunk && i === 0 && !isJoint)
        ? null
        : norms.read(norm, `input norm ${i}`, `${prefix}.${i}.input_layernorm`),
    );
    const final = trunk ? null : norms.read(a.norm, "final norm", "model.norm");
    this.finalNorm = final?.ops[0] ?? null;
    this.finalFeeds = final?.feeds;
    const ownGain = trunk ? trunk.firstFeeds?.gain : input[0]?.feeds?.gain;
    const firstGain = isJoint ? weights.vector("token norm", [JOINT_NORMS.token]) : ownGain;
    this.firstFeeds = firstGain && { gain: firstGain, scaled, squares };
    // A joint sampler's sum takes the place of the rows that its last layer has read.
    this.last = final?.read ?? { x: isJoint ? scaled : x };
    if (trunk) {
      const embedded = rows("embedded tokens");
      const features = rows("features");
      const bias = hasTensor("fc.bias") ? weights.vector("fc bias", ["fc.bias"]) : undefined;
      const out = { y: x, yStride: strides.hidden };
      const [token, feature] = FC_HALVES.map((name) => weights.matrix(name, [name]));
      const joint = isJoint ? new JointSampler(this, weights, { features, x, y: scaled }) : null;
      this.joint = joint;
      const feeds = input[0]?.feeds;
      const norm = { squares, size, eps: a.norm.eps };
      this.input = {
        embedded,
        features,
        fromToken: this.linear({ ...(joint ? { x: scaled, norm } : { x: embedded }), w: token, bias, ...out }),
        fromFeature: this.linear({
          x: joint?.normed ?? features,
          w: feature,
          ...out,
          epilogue: { kind: "add" },
          feeds,
        }),
      };
    }
    const beside = a.layers.some(({ isParallel }) => isParallel) ? rows("rows beside") : scaled;
    const isSandwiched = a.layers.some(({ attention, mlp }) => attention.after ?? mlp.after);
    const joining = isSandwiched ? rows("rows to be normed") : x;
    const place: LayerPlace = {
      weights,
      norms,
      activations: this.activations,
      strides,
      hasTensor,
      beside,
      joining,
    };
    for (const [index, spec] of a.layers.entries()) {
      const { attention } = spec;
      const p = `${prefix}.${index}`;
      const next = (index + 1 < a.layers.length ? input[index + 1] : final)?.feeds;
      const laidOut = layOutLayer(spec, place, { index, prefix: p, before: input[index], next });
      const { products } = laidOut;
      this.products.push(products);
      this.behind.push(laidOut.behind);
      this.layers.push({
        qkv: this.linear(products.qkv),
        output: this.linear(products.output),
        gateUp: this.linear(products.gateUp),
        down: this.linear(products.down),
        qkNorms: a.qkNorm
          ? weights.vector(
              `qk norms ${index}`,
              [`${p}.self_attn.q_norm.weight`, `${p}.self_attn.k_norm.weight`],
              a.qkNorm.gainOffset,
            )
          : null,
        rope: this.ropeOf(attention.rope),
        attention: { ...shape, scale: attention.scale, window: attention.window, softCap: attention.softCap },
        norms: laidOut.norms,
      });
    }
  }

  /** A product on this model's device, in its kernels. */
  linear(options: LinearOptions): Linear {
    const { gpu, arena, variants, activations, isHalf } = this;
    return new Linear(gpu, arena, variants.matmul, { ...options, rounded: activations.rounded, isHalf });
  }

  /** The table of a rotation, one for all layers that share it. */
  private ropeOf(spec: RopeSpec | null): Rope {
    const known = this.ropes.get(spec);
    if (known) return known;
    const buffer = this.arena.upload("rope", ropeTable(spec, this.capabilities.maxLength));
    const rope = { buffer, half: (spec?.rotaryDim ?? 0) / 2 };
    this.ropes.set(spec, rope);
    return rope;
  }

  /** Bytes of its weights; the rest of its arena is what forwards work in. */
  get weightBytes(): number {
    return this.weights.byteLength;
  }

  /** Sends the weights to the device, returning to the event loop between them. Throws the signal's reason. */
  fillWeights(weights: Weights, filling?: Filling): Promise<void> {
    return this.weights.fill(weights, filling);
  }

  /** The first `numLayers` layers, the last of which feeds the final norm. */
  layersUpTo(numLayers: number): readonly Layer[] {
    if (numLayers === this.layers.length) return this.layers;
    let first = this.firstLayers.get(numLayers);
    if (!first) {
      first = this.layers.slice(0, numLayers);
      const last = first[numLayers - 1];
      const after = this.behind[numLayers - 1];
      const feeds = this.finalFeeds;
      if (after) {
        const behind = [this.norms.make(this.norms.feeding(after, feeds))];
        first[numLayers - 1] = { ...last, norms: { ...last.norms, behind } };
      } else {
        const { down } = this.products[numLayers - 1];
        first[numLayers - 1] = { ...last, down: this.linear({ ...down, feeds }) };
      }
      this.firstLayers.set(numLayers, first);
    }
    return first;
  }

  /** Destroys weights and activations; its sessions must not be used after. */
  dispose(): void {
    this.arena.dispose();
  }
}
