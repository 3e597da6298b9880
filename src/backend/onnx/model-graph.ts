import type { Architecture } from "../../architecture/architecture.js";
import type { QuantFormat } from "../../format/quantize.js";
import type { TensorPlan } from "../../format/tensor.js";
import { type Attributes, type BuiltModel, GraphBuilder, type Value } from "./graph-builder.js";
import { type Ends, LayersGraph, MASK_TABLE } from "./layers-graph.js";
import { ElementType } from "./onnx-proto.js";
import { GraphWeights } from "./weights-graph.js";

/** Names of a graph's inputs and outputs. N: new rows, M: those of masks, P: rows of the cache, R: rows whose logits are wanted, Z: rows of zeros, T = P + N + Z. */
export const Names = {
  /** `[N]` */
  tokens: "tokens",
  /** `[1, N]` */
  positions: "positions",
  /** `[M]`, of a graph that reads rows of masks: they stand behind those of tokens, and are N together. */
  masks: "masks",
  /** `[N, hiddenSize]`, of a graph whose rows read states beside their tokens. */
  states: "states",
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
  /** Of a head, whose layers aren't rounded; null: a whole model. */
  ends: Ends | null;
  /** Stores rounded matrices in their few bits, for a runtime that multiplies with them as they are; else as the numbers they stand for. */
  isPacked: boolean;
}

/** The attribute of an attention whose scores are bounded: the runtime bounds them before it adds who sees whom. */
export function capOf(softCap: number | undefined): Attributes {
  return softCap === undefined ? {} : { softcap: { float: softCap } };
}

/** The windows that layers of a model have; null is one of them where some see everything. */
export function windowsOf({ layers }: Architecture): (number | null)[] {
  return [...new Set(layers.map(({ attention }) => attention.window))];
}

/** Whether a graph of these tensors reads rows of masks. */
export function hasMaskRows(tensors: ReadonlyMap<string, TensorPlan>): boolean {
  return tensors.has(`${MASK_TABLE}.weight`);
}

/**
 * A model's forward as a graph. `tensors`: by our own names, as `loadWeights` gives them; with `MASK_TABLE`, and `LOW_RANK` behind modules'
 * names, rows of masks are read as well. Matrices at a model's two ends are never rounded below 8 bits.
 */
export function buildModel(
  architecture: Architecture,
  tensors: ReadonlyMap<string, TensorPlan>,
  { context, format, ends, isPacked }: ModelGraphOptions,
): BuiltModel {
  const { hiddenSize, vocabSize, headDim, numHeads, numKeyValueHeads, layers } = architecture;
  const rowSize = numKeyValueHeads * headDim;
  const graph = new GraphBuilder();
  const tokens = graph.input(Names.tokens, ElementType.i32, ["N"]);
  const masks = hasMaskRows(tensors) ? graph.input(Names.masks, ElementType.i32, ["M"]) : null;
  const head = ends && { ends, states: graph.input(Names.states, ElementType.f32, ["N", hiddenSize]) };
  const positions = graph.input(Names.positions, ElementType.i64, [1, "N"]);
  const rows = graph.input(Names.rows, ElementType.i32, ["R"]);
  const padding = graph.input(Names.padding, ElementType.f32, [1, "Z", rowSize]);
  for (const window of windowsOf(architecture)) graph.input(Names.bias(window), ElementType.f32, ["N", "T"]);
  const attend = (query: Value, keys: Value, values: Value, layer: number) => {
    graph.output(Names.keys(layer), keys, [1, "N", rowSize]);
    graph.output(Names.values(layer), values, [1, "N", rowSize]);
    const all = (past: string, own: Value) =>
      graph.op("Concat", [graph.input(past, ElementType.f32, [1, "P", rowSize]), own, padding], { axis: 1 });
    const [allKeys, allValues] = [all(Names.pastKeys(layer), keys), all(Names.pastValues(layer), values)];
    const { window, scale, softCap } = layers[layer].attention;
    const how = { q_num_heads: numHeads, kv_num_heads: numKeyValueHeads, scale: { float: scale }, ...capOf(softCap) };
    return graph.op("Attention", [query, allKeys, allValues, Names.bias(window)], how);
  };
  const formats = { layers: ends ? null : format, ends: format && ("q8" as const) };
  const weights = new GraphWeights(graph, tensors, formats, isPacked);
  const model = new LayersGraph(graph, weights, architecture, context, { tokens, masks, positions, head, attend });
  const hidden = model.hidden();
  graph.output(Names.logits, model.logits(graph.op("Gather", [hidden, rows])), ["R", vocabSize]);
  graph.output(Names.hidden, hidden, ["N", hiddenSize]);
  return graph.build();
}
