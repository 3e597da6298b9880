import type { Activation, Architecture, FoldedRms, RopeSpec } from "../../architecture/architecture.js";
import { ropeTable } from "../../architecture/rope.js";
import type { GraphBuilder, Value } from "./graph-builder.js";
import { ElementType } from "./onnx-proto.js";
import type { GraphWeights, Part } from "./weights-graph.js";

/** What a layer reads beside its residual stream. */
interface Rotation {
  cosines: Value;
  sines: Value;
}

/** What new rows are, and how they read those before them: by this graphs of one model differ. */
export interface RowsForm {
  /** `[N]` */
  tokens: Value;
  /** `[1, N]` */
  positions: Value;
  /** What the heads of a layer read together, `[1, N, numHeads · headDim]`, of queries, keys and values as `[1, N, heads · headDim]`. */
  attend(query: Value, keys: Value, values: Value, layer: number): Value;
}

/** The operators of a model's layers, from tokens to logits, around a form of its rows. */
export class LayersGraph {
  private readonly rotations = new Map<RopeSpec, Rotation>();

  /** `context`: positions that can be read. */
  constructor(
    private readonly graph: GraphBuilder,
    private readonly weights: GraphWeights,
    private readonly architecture: Architecture,
    private readonly context: number,
    private readonly form: RowsForm,
  ) {}

  /** Every new row behind the last norm, `[N, hiddenSize]`. */
  hidden(): Value {
    const { weights, architecture } = this;
    let x = this.embed();
    for (const layer of architecture.layers.keys()) x = this.layer(x, layer);
    return weights.norm(x, architecture.norm, { role: "norm", layer: null });
  }

  /** Logits of rows behind the last norm, `[R, vocabSize]`. */
  logits(rows: Value): Value {
    const head: Part = { role: this.architecture.tied ? "embedding" : "lmHead", layer: null };
    return this.weights.product(rows, head);
  }

  private embed(): Value {
    const { graph, weights } = this;
    const { tokens, positions } = this.form;
    const { scale, numPositions } = this.architecture.embedding;
    const embedded = weights.rows(tokens, { role: "embedding", layer: null });
    const scaled = scale === 1 ? embedded : graph.op("Mul", [embedded, graph.number(scale)]);
    if (numPositions === null) return scaled;
    const place = graph.op("Squeeze", [positions, graph.integers(0)]);
    return graph.op("Add", [scaled, weights.rows(place, { role: "positions", layer: null })]);
  }

  private layer(x: Value, layer: number): Value {
    const { graph, weights } = this;
    const { attention, mlp, isParallel } = this.architecture.layers[layer];
    const normed = weights.norm(x, attention.norm, { role: "attention.norm", layer });
    const attended = weights.product(this.attend(normed, layer), { role: "attention.output", layer });
    const joined = attention.after
      ? weights.norm(attended, attention.after, { role: "attention.after", layer })
      : attended;
    const middle = graph.op("Add", [x, joined]);
    const read = weights.norm(isParallel ? x : middle, mlp.norm, { role: "mlp.norm", layer });
    const fed = weights.product(this.feedForward(read, layer), { role: "mlp.down", layer });
    return graph.op("Add", [middle, mlp.after ? weights.norm(fed, mlp.after, { role: "mlp.after", layer }) : fed]);
  }

  /** What the heads of a layer read together, `[N, numHeads · headDim]`. */
  private attend(x: Value, layer: number): Value {
    const { graph, form } = this;
    const [query, keys, values] = (["q", "k", "v"] as const).map((kind) => this.heads(x, layer, kind));
    return graph.op("Squeeze", [form.attend(query, keys, values, layer), graph.integers(0)]);
  }

  /** Heads of one kind, normed and rotated where the model does so, `[1, N, heads · headDim]`. */
  private heads(x: Value, layer: number, kind: "q" | "k" | "v"): Value {
    const { graph, weights } = this;
    const { headDim, numHeads, numKeyValueHeads, qkNorm, layers } = this.architecture;
    const { rope } = layers[layer].attention;
    const flat = weights.product(x, { role: `attention.${kind}`, layer });
    const count = kind === "q" ? numHeads : numKeyValueHeads;
    const joined =
      qkNorm && kind !== "v"
        ? this.normHeads(flat, { way: "folded", ...qkNorm }, count, { role: `attention.${kind}Norm`, layer })
        : graph.op("Unsqueeze", [flat, graph.integers(0)]);
    if (!rope || kind === "v") return joined;
    const { cosines, sines } = this.rotation(rope);
    // 0: all of a head.
    const turned = rope.rotaryDim === headDim ? 0 : rope.rotaryDim;
    const how = { num_heads: count, rotary_embedding_dim: turned };
    return graph.op("RotaryEmbedding", [joined, cosines, sines, this.form.positions], how);
  }

  private normHeads(flat: Value, spec: FoldedRms, count: number, part: Part): Value {
    const { graph, weights } = this;
    const { headDim } = this.architecture;
    const split = graph.op("Reshape", [flat, graph.integers(1, -1, count, headDim)]);
    return graph.op("Reshape", [weights.norm(split, spec, part), graph.integers(1, -1, count * headDim)]);
  }

  private rotation(rope: RopeSpec): Rotation {
    const known = this.rotations.get(rope);
    if (known) return known;
    const half = rope.rotaryDim / 2;
    const table = ropeTable(rope, this.context);
    const name = `rotation ${this.rotations.size}`;
    const column = (what: string, first: number) =>
      this.graph.weight(`${name} ${what}`, ElementType.f32, [this.context, half], () => {
        const out = new Float32Array(this.context * half);
        for (let row = 0; row < this.context; row++) {
          const start = 2 * row * half + first;
          out.set(table.subarray(start, start + half), row * half);
        }
        return new Uint8Array(out.buffer);
      });
    const made = { cosines: column("cosines", 0), sines: column("sines", half) };
    this.rotations.set(rope, made);
    return made;
  }

  private feedForward(x: Value, layer: number): Value {
    const { graph, weights } = this;
    const { kind, activation } = this.architecture.layers[layer].mlp;
    const up = weights.product(x, { role: "mlp.up", layer });
    if (kind === "plain") return activate(graph, up, activation);
    const gate = weights.product(x, { role: "mlp.gate", layer });
    return graph.op("Mul", [activate(graph, gate, activation), up]);
  }
}

function activate(graph: GraphBuilder, x: Value, activation: Activation): Value {
  if (activation === "relu") return graph.op("Relu", [x]);
  if (activation === "silu") return graph.op("Mul", [x, graph.op("Sigmoid", [x])]);
  return graph.op("Gelu", [x], { approximate: activation === "gelu" ? "none" : "tanh" });
}
