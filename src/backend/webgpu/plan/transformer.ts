import { mostRows } from "../../../seam/row-limits.js";
import type { Arena } from "../gpu/arena.js";
import type { Gpu } from "../gpu/device.js";
import { Linear, type LinearOptions, type Norm, squareParts, type WeightMatrix } from "../ops/linear.js";
import type { RowNorm, RowNormOptions } from "../ops/row-norm.js";
import { ROUNDINGS } from "../ops/quantize.js";
import type { Rounding } from "../../../seam/rounding.js";
import { type Variants, variantsFor } from "../ops/variants.js";
import { invariant } from "../../../vocabulary/errors.js";
import type { Architecture, RopeSpec } from "../../../architecture/architecture.js";
import { JOINT_NORMS, JointSampler } from "./joint-sampler.js";
import type { Activations, HeadInput, Layer, LayerProducts, Product, Rope } from "./layer.js";
import { ropeTable } from "../../../architecture/rope.js";
import type { Capabilities, HeadKind } from "../../../seam/capabilities.js";
import { attentionShape, makeActivations, stridesOf } from "./activations.js";
import { Norms } from "./norms.js";
import { emptyMatrix, emptyParts, emptyRows, emptyVector, type TensorPlan, type TensorSource } from "./weights.js";

/** The halves of a head's first matrix, for the embedded token and for the hidden state. */
export const FC_HALVES = ["fc.weight, token", "fc.weight, feature"] as const;
/** Return to the event loop when laying out weights has taken this long. */
const FILL_MS = 8;

/** Of which model a model is a part, as its head or mask sampler: it shares embedding and LM head, and has no final norm. */
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
  readonly firstFeeds: LinearOptions["feeds"];
  /** Where a norm that isn't folded comes before the LM head. */
  readonly finalNorm: RowNorm | null;
  /** What the LM head reads. */
  readonly last: { x: GPUBuffer; norm?: Norm };
  /** Of a head or a mask sampler; else null. */
  readonly input: HeadInput | null = null;
  /** Of a mask sampler: what comes behind its input. */
  tail: Product | null = null;
  /** Of a joint sampler: its norms. */
  readonly joint: JointSampler | null = null;
  readonly outputMatrix: readonly WeightMatrix[];
  readonly maxRows: number;
  /** Its sessions look behind each layer whether numbers are finite. */
  isDebugged = false;
  readonly arena: Arena;

  private readonly norms: Norms;
  private readonly ropes = new Map<RopeSpec | null, Rope>();
  /** By number of layers: those of a model that ends there. */
  private readonly firstLayers = new Map<number, Layer[]>();
  private readonly finalFeeds: LinearOptions["feeds"];
  /** By layer: the norm of what its feed-forward block leaves. */
  private readonly behind: (RowNormOptions | null)[] = [];

  /** What `fillWeights` has still to do. */
  private fills: ((tensor: TensorSource) => void)[] = [];

  /** `plan(name)` says how a tensor of the folder is stored; its values may be on their way. All memory is taken here; `fillWeights` must follow. `rounding` rounds the matrices, or the rows they are multiplied with as well. */
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
    const { format, roundsRows } = rounding ? ROUNDINGS[rounding] : { format: null, roundsRows: false };
    const storage = { panel: variants.matmul.panel, shouldWiden: variants.widenWeights };
    const matrix = (label: string, names: readonly string[], isGated = false) => {
      const how = { ...storage, isGated, quantFormat: format };
      const { matrix: empty, fill } = emptyMatrix(arena, label, names.map(plan), how);
      this.fills.push(fill);
      return empty;
    };
    const vector = (label: string, names: readonly string[], offset = 0) => {
      const { buffer, fill } = emptyVector(arena, label, names.map(plan), offset);
      this.fills.push(fill);
      return buffer;
    };

    // Four bits are too few for the two ends of a model.
    const ends = format && "q8";
    const end = (label: string, name: string) => {
      const { parts, fill } = emptyParts(arena, label, plan(name), { ...storage, quantFormat: ends });
      this.fills.push(fill);
      return parts;
    };
    this.embedding = trunk?.embedding ?? end("embedding", "model.embed_tokens.weight");
    const own = () => (a.tied ? this.embedding : end("lm head", "lm_head.weight"));
    this.outputMatrix = trunk?.outputMatrix ?? own();
    this.numPositions = a.embedding.numPositions && Math.min(context, a.embedding.numPositions);
    this.positions = null;
    if (this.numPositions !== null) {
      const table = plan("model.embed_positions.weight");
      const { buffer, fill } = emptyRows(arena, "positions", table, this.numPositions);
      this.fills.push(fill);
      this.positions = buffer;
    }

    const { maxRows } = this;
    const { panel } = variants.matmul;
    this.activations = makeActivations(arena, a, { maxRows, context, panel, roundsRows });
    const { x, scaled, squares, qkv, attended, hidden } = this.activations;
    const { hidden: hiddenStride, qkv: qkvSize, inner: innerStride } = stridesOf(a);
    const rows = (label: string) => arena.storage(label, maxRows * hiddenStride * 4);
    const shape = attentionShape(a);
    const size = a.hiddenSize;
    const parts = squareParts(size, panel);
    const norms = new Norms({ gpu, arena, size, parts, activations: this.activations, vector });
    this.norms = norms;
    const prefix = trunk ? "layers" : "model.layers";
    const input = a.layers.map(({ attention: { norm } }, i) =>
      trunk && i === 0 && !isJoint ? null : norms.read(norm, `input norm ${i}`, `${prefix}.${i}.input_layernorm`),
    );
    const final = trunk ? null : norms.read(a.norm, "final norm", "model.norm");
    this.finalNorm = final?.ops[0] ?? null;
    this.finalFeeds = final?.feeds;
    const ownGain = trunk ? trunk.firstFeeds?.gain : input[0]?.feeds?.gain;
    const firstGain = isJoint ? vector("token norm", [JOINT_NORMS.token]) : ownGain;
    this.firstFeeds = firstGain && { gain: firstGain, scaled, squares };
    // A joint sampler's sum takes the place of the rows that its last layer has read.
    this.last = final?.read ?? { x: isJoint ? scaled : x };
    if (trunk) {
      const embedded = rows("embedded tokens");
      const features = rows("features");
      const bias = hasTensor("fc.bias") ? vector("fc bias", ["fc.bias"]) : undefined;
      const out = { y: x, yStride: hiddenStride };
      const [token, feature] = FC_HALVES.map((name) => matrix(name, [name]));
      const joint = isJoint ? new JointSampler(this, plan, { features, x, y: scaled }) : null;
      if (joint) this.fills.push((tensor) => joint.fill(tensor));
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
    for (const [i, { attention, mlp: block, isParallel }] of a.layers.entries()) {
      const p = `${prefix}.${i}`;
      const attn = (part: string) => `${p}.self_attn.${part}`;
      const mlp = (part: string) => `${p}.mlp.${part}`;
      const bias = (label: string, names: string[]) =>
        hasTensor(names[0]) ? vector(`${label} ${i}`, names) : undefined;
      const isGated = block.kind === "gated";
      const inner = (what: string) =>
        (isGated ? ["gate_proj", "up_proj"] : ["up_proj"]).map((part) => mlp(`${part}.${what}`));
      const before = input[i];
      const place = isParallel ? beside : scaled;
      const middle = norms.read(block.norm, `post norm ${i}`, `${p}.post_attention_layernorm`, place);
      const isPlain = before?.feeds === undefined && middle.feeds === undefined;
      invariant(!isParallel || isPlain, "blocks beside each other read one residual stream, by norms of their own");
      const projected: LinearOptions = {
        x: attended,
        w: matrix(`attention output ${i}`, [attn("o_proj.weight")]),
        bias: bias("attention output bias", [attn("o_proj.bias")]),
        y: joining,
        yStride: hiddenStride,
      };
      const output = norms.join(projected, attention.after, attn("after_norm"), middle.feeds);
      const products: LayerProducts = {
        qkv: {
          ...(before?.read ?? { x }),
          w: matrix(`qkv ${i}`, [attn("q_proj.weight"), attn("k_proj.weight"), attn("v_proj.weight")]),
          bias: bias("qkv bias", [attn("q_proj.bias"), attn("k_proj.bias"), attn("v_proj.bias")]),
          y: qkv,
          yStride: qkvSize,
        },
        output: output.product,
        gateUp: {
          ...middle.read,
          w: matrix(`gate and up ${i}`, inner("weight"), isGated),
          bias: bias("gate and up bias", inner("bias")),
          y: hidden,
          yStride: innerStride,
          epilogue: { kind: isGated ? "gated" : "activated", activation: block.activation },
        },
        down: {
          x: hidden,
          w: matrix(`down ${i}`, [mlp("down_proj.weight")]),
          bias: bias("down bias", [mlp("down_proj.bias")]),
          y: joining,
          yStride: hiddenStride,
        },
      };
      const down = norms.join(products.down, block.after, mlp("after_norm"), (input[i + 1] ?? final)?.feeds);
      products.down = down.product;
      this.products.push(products);
      this.behind.push(down.norm);
      this.layers.push({
        qkv: this.linear(products.qkv),
        output: this.linear(products.output),
        gateUp: this.linear(products.gateUp),
        down: this.linear(products.down),
        qkNorms: a.qkNorm
          ? vector(`qk norms ${i}`, [attn("q_norm.weight"), attn("k_norm.weight")], a.qkNorm.gainOffset)
          : null,
        rope: this.ropeOf(attention.rope),
        attention: { ...shape, scale: attention.scale, window: attention.window },
        norms: {
          before: [...(before?.ops ?? []), ...(isParallel ? middle.ops : [])],
          between: [...(output.norm ? [norms.make(output.norm)] : []), ...(isParallel ? [] : middle.ops)],
          behind: down.norm ? [norms.make(down.norm)] : [],
        },
      });
    }
  }

  /** A product on this model's device, in its kernels. */
  linear(options: LinearOptions): Linear {
    const { gpu, arena, variants, activations } = this;
    return new Linear(gpu, arena, variants.matmul, { ...options, rounded: activations.rounded });
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

  /** Sends the weights to the device, returning to the event loop between them. Throws the signal's reason. */
  async fillWeights(tensor: TensorSource, signal?: AbortSignal): Promise<void> {
    let pausedAtMs = performance.now();
    for (const fill of this.fills) {
      if (performance.now() - pausedAtMs >= FILL_MS) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        signal?.throwIfAborted();
        pausedAtMs = performance.now();
      }
      fill(tensor);
    }
    this.fills = [];
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
