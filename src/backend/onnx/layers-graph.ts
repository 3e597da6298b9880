import type { Activation, Architecture, FoldedRms, NormSpec, RopeSpec } from "../../architecture/architecture.js";
import type { LayerRole } from "../../architecture/family.js";
import { llamaTensor } from "../../architecture/llama.js";
import { ropeTable } from "../../architecture/rope.js";
import type { GraphBuilder, Value } from "./graph-builder.js";
import { ElementType } from "./onnx-proto.js";
import type { GraphWeights, Part } from "./weights-graph.js";

/** What a layer reads beside its residual stream. */
interface Rotation {
  cosines: Value;
  sines: Value;
}

/** What ends are made of. */
export interface EndsPlace {
  graph: GraphBuilder;
  weights: GraphWeights;
  /** That of the architecture. */
  norm: NormSpec;
}

/** What a head has around its layers: it reads a state beside each row's token, and has no norm of its own before the LM head. */
export interface Ends {
  /** What the first layer reads, of embedded tokens and states, `[N, hiddenSize]` each. */
  first(place: EndsPlace, embedded: Value, states: Value): Value;
  /** What the LM head reads, and rows leave as their states, of what the layers leave. */
  last(place: EndsPlace, x: Value, states: Value): Value;
}

/** The table of mask tokens' embeddings, in a model with an adapter for mask rows. */
export const MASK_TABLE = "mask_embeddings";

/** The factors that an adapter adds to a module's product, for mask rows alone, by their names behind the module's. */
export const LOW_RANK = { a: "lora_A", b: "lora_B" } as const;

/** What new rows are, and how they read those before them: by this graphs of one model differ. */
export interface RowsForm {
  /** `[N]` */
  tokens: Value;
  /** `[M]`: rows of masks, which stand behind those of tokens and are N together; left out: none. */
  masks?: Value | null;
  /** `[1, N]` */
  positions: Value;
  /** Of a head: what it has around its layers, and the states that its rows read. */
  head?: { ends: Ends; states: Value } | null;
  /** What the heads of a layer read together, `[1, N, numHeads · headDim]`, of queries, keys and values as `[1, N, heads · headDim]`. */
  attend(query: Value, keys: Value, values: Value, layer: number): Value;
}

/** The operators of a model's layers, from tokens to logits, around a form of its rows. */
export class LayersGraph {
  private readonly rotations = new Map<RopeSpec, Rotation>();
  /** Numbers of rows of tokens and of masks; null in a graph without masks. */
  private counts: Value | null = null;

  /** `context`: positions that can be read. */
  constructor(
    private readonly graph: GraphBuilder,
    private readonly weights: GraphWeights,
    private readonly architecture: Architecture,
    private readonly context: number,
    private readonly form: RowsForm,
  ) {}

  /** What the LM head reads of every new row, `[N, hiddenSize]`. */
  hidden(): Value {
    const { graph, weights, architecture } = this;
    const { norm, layers } = architecture;
    const { head } = this.form;
    const place = { graph, weights, norm };
    let x = this.embed();
    if (head) x = head.ends.first(place, x, head.states);
    for (const layer of layers.keys()) x = this.layer(x, layer);
    return head ? head.ends.last(place, x, head.states) : weights.norm(x, norm, { role: "norm", layer: null });
  }

  /** Logits of such rows, `[R, vocabSize]`. */
  logits(rows: Value): Value {
    const head: Part = { role: this.architecture.tied ? "embedding" : "lmHead", layer: null };
    const logits = this.weights.product(rows, head);
    const { logitSoftCap: cap } = this.architecture;
    if (cap === undefined) return logits;
    const { graph } = this;
    return graph.op("Mul", [graph.op("Tanh", [graph.op("Div", [logits, graph.number(cap)])]), graph.number(cap)]);
  }

  private embed(): Value {
    const { graph, weights } = this;
    const { tokens, positions } = this.form;
    const { scale, numPositions } = this.architecture.embedding;
    const embedded = this.withMasks(weights.rows(tokens, { role: "embedding", layer: null }));
    const scaled = scale === 1 ? embedded : graph.op("Mul", [embedded, graph.number(scale)]);
    if (numPositions === null) return scaled;
    const place = graph.op("Squeeze", [positions, graph.integers(0)]);
    return graph.op("Add", [scaled, weights.rows(place, { role: "positions", layer: null })]);
  }

  /** The embeddings of masks behind those of tokens, where there are some. */
  private withMasks(embedded: Value): Value {
    const { graph, weights } = this;
    const { tokens, masks } = this.form;
    if (!masks) return embedded;
    this.counts = graph.op(
      "Concat",
      [tokens, masks].map((list) => graph.op("Shape", [list])),
      { axis: 0 },
    );
    return graph.op("Concat", [embedded, weights.rows(masks, MASK_TABLE)], { axis: 0 });
  }

  /** x times a module's matrix, and what an adapter adds to rows of masks. */
  private product(x: Value, role: LayerRole, layer: number): Value {
    const { graph, weights, counts } = this;
    const whole = weights.product(x, { role, layer });
    const [a, b] = [LOW_RANK.a, LOW_RANK.b].map((factor) => `${llamaTensor(role, layer).names[0]}.${factor}`);
    if (!counts || !weights.has(a)) return whole;
    const split = (rows: Value) => graph.ops("Split", [rows, counts], 2, { axis: 0 });
    const [, read] = split(x);
    const [plain, masked] = split(whole);
    const more = weights.product(weights.product(read, a), b);
    return graph.op("Concat", [plain, graph.op("Add", [masked, more])], { axis: 0 });
  }

  private layer(x: Value, layer: number): Value {
    const { graph, weights } = this;
    const { attention, mlp, isParallel } = this.architecture.layers[layer];
    const before: Part = { role: "attention.norm", layer };
    // An EAGLE head's first layer has none.
    const normed = attention.norm && weights.has(before) ? weights.norm(x, attention.norm, before) : x;
    const attended = this.product(this.attend(normed, layer), "attention.output", layer);
    const joined = attention.after
      ? weights.norm(attended, attention.after, { role: "attention.after", layer })
      : attended;
    const middle = graph.op("Add", [x, joined]);
    const stream = isParallel ? x : middle;
    const read = mlp.norm ? weights.norm(stream, mlp.norm, { role: "mlp.norm", layer }) : stream;
    const fed = this.product(this.feedForward(read, layer), "mlp.down", layer);
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
    const { graph } = this;
    const { headDim, numHeads, numKeyValueHeads, qkNorm, layers } = this.architecture;
    const { rope } = layers[layer].attention;
    const flat = this.product(x, `attention.${kind}`, layer);
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
    const { headDim, qkNorm } = this.architecture;
    if (qkNorm?.isWhole) return graph.op("Unsqueeze", [weights.norm(flat, spec, part), graph.integers(0)]);
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
    const { graph } = this;
    const { kind, activation } = this.architecture.layers[layer].mlp;
    const up = this.product(x, "mlp.up", layer);
    if (kind === "plain") return activate(graph, up, activation);
    const gate = this.product(x, "mlp.gate", layer);
    return graph.op("Mul", [activate(graph, gate, activation), up]);
  }
}

/** An activation of each number. */
export function activate(graph: GraphBuilder, x: Value, activation: Activation): Value {
  if (activation === "relu") return graph.op("Relu", [x]);
  if (activation === "silu") return graph.op("Mul", [x, graph.op("Sigmoid", [x])]);
  return graph.op("Gelu", [x], { approximate: activation === "gelu" ? "none" : "tanh" });
}
