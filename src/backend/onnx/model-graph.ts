import type { Activation, Architecture, FoldedRms, RopeSpec } from "../../architecture/architecture.js";
import { ropeTable } from "../../architecture/rope.js";
import type { QuantFormat } from "../../format/quantize.js";
import type { Tensor } from "../../format/safetensors.js";
import { type BuiltModel, GraphBuilder, type Value } from "./graph-builder.js";
import { ElementType } from "./onnx-proto.js";
import { GraphWeights, type Part } from "./weights-graph.js";

/** Names of a graph's inputs and outputs. N: new rows, P: rows of the cache, R: rows whose logits are wanted, Z: rows of zeros, T = P + N + Z. */
export const Names = {
  /** `[N]` */
  tokens: "tokens",
  /** `[1, N]` */
  positions: "positions",
  /** `[R]` */
  rows: "rows",
  /** `[1, Z, rowSize]` */
  padding: "padding",
  /** `[N, T]`, one for each window that layers have. */
  bias: (window: number | null) => (window === null ? "bias" : `bias of window ${window}`),
  /** `[1, P, rowSize]` */
  pastKeys: (layer: number) => `past keys ${layer}`,
  pastValues: (layer: number) => `past values ${layer}`,
  /** `[R, vocabSize]` */
  logits: "logits",
  /** `[N, hiddenSize]` */
  hidden: "hidden",
  /** `[1, N, rowSize]` */
  keys: (layer: number) => `keys ${layer}`,
  values: (layer: number) => `values ${layer}`,
};

/** How a model is made a graph. */
export interface ModelGraphOptions {
  /** Positions that can be read. */
  context: number;
  /** Rounds matrices to few bits. */
  format: QuantFormat | null;
  /** Stores rounded matrices in their few bits, for a runtime that multiplies with them as they are; else as the numbers they stand for. */
  isPacked: boolean;
}

/** The windows that layers of a model have; null is one of them where some see everything. */
export function windowsOf({ layers }: Architecture): (number | null)[] {
  return [...new Set(layers.map(({ attention }) => attention.window))];
}

/** A model's forward as a graph. `tensors`: by our own names, as `loadWeights` gives them. */
export function buildModel(
  architecture: Architecture,
  tensors: ReadonlyMap<string, Tensor>,
  { context, format, isPacked }: ModelGraphOptions,
): BuiltModel {
  const graph = new GraphBuilder();
  const weights = new GraphWeights(graph, tensors, format, isPacked);
  const model = new ModelGraph(graph, weights, architecture, context);
  model.build();
  return graph.build();
}

/** What a layer reads beside its residual stream. */
interface Rotation {
  cosines: Value;
  sines: Value;
}

class ModelGraph {
  private readonly rowSize: number;
  private readonly rotations = new Map<RopeSpec, Rotation>();
  private readonly biases = new Map<number | null, Value>();

  constructor(
    private readonly graph: GraphBuilder,
    private readonly weights: GraphWeights,
    private readonly architecture: Architecture,
    private readonly context: number,
  ) {
    this.rowSize = architecture.numKeyValueHeads * architecture.headDim;
  }

  build(): void {
    const { graph, weights, architecture, rowSize } = this;
    const { hiddenSize, vocabSize, layers, tied } = architecture;
    const tokens = graph.input(Names.tokens, ElementType.i32, ["N"]);
    graph.input(Names.positions, ElementType.i64, [1, "N"]);
    const rows = graph.input(Names.rows, ElementType.i32, ["R"]);
    graph.input(Names.padding, ElementType.f32, [1, "Z", rowSize]);
    for (const window of windowsOf(architecture)) {
      this.biases.set(window, graph.input(Names.bias(window), ElementType.f32, ["N", "T"]));
    }
    let x = this.embed(tokens);
    for (const layer of layers.keys()) x = this.layer(x, layer);
    const hidden = weights.norm(x, architecture.norm, { role: "norm", layer: null });
    const wanted = graph.op("Gather", [hidden, rows]);
    const head: Part = { role: tied ? "embedding" : "lmHead", layer: null };
    graph.output(Names.logits, weights.product(wanted, head), ["R", vocabSize]);
    graph.output(Names.hidden, hidden, ["N", hiddenSize]);
  }

  private embed(tokens: Value): Value {
    const { graph, weights } = this;
    const { scale, numPositions } = this.architecture.embedding;
    const embedded = weights.rows(tokens, { role: "embedding", layer: null });
    const scaled = scale === 1 ? embedded : graph.op("Mul", [embedded, graph.number(scale)]);
    if (numPositions === null) return scaled;
    const place = graph.op("Squeeze", [Names.positions, graph.integers(0)]);
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
    const { graph, architecture, rowSize } = this;
    const { numHeads, numKeyValueHeads } = architecture;
    const { window, scale } = architecture.layers[layer].attention;
    const query = this.heads(x, layer, "q");
    const keys = this.heads(x, layer, "k");
    const values = this.heads(x, layer, "v");
    graph.output(Names.keys(layer), keys, [1, "N", rowSize]);
    graph.output(Names.values(layer), values, [1, "N", rowSize]);
    const all = (past: string, rows: Value) =>
      graph.op("Concat", [graph.input(past, ElementType.f32, [1, "P", rowSize]), rows, Names.padding], { axis: 1 });
    const [allKeys, allValues] = [all(Names.pastKeys(layer), keys), all(Names.pastValues(layer), values)];
    const how = { q_num_heads: numHeads, kv_num_heads: numKeyValueHeads, scale: { float: scale } };
    const mixed = graph.op("Attention", [query, allKeys, allValues, this.biases.get(window) ?? ""], how);
    return graph.op("Squeeze", [mixed, graph.integers(0)]);
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
    return graph.op("RotaryEmbedding", [joined, cosines, sines, Names.positions], how);
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
