import { type Architecture, plainLength } from "../../architecture/architecture.js";
import type { Weights } from "../../format/tensor.js";
import { ModelLoadError } from "../../vocabulary/errors.js";
import { GraphBuilder, type Value } from "./graph-builder.js";
import { LayersGraph } from "./layers-graph.js";
import { capOf, windowsOf } from "./model-graph.js";
import { ElementType } from "./onnx-proto.js";
import { type ExternalFile, fillFiles } from "./weight-files.js";
import { GraphWeights } from "./weights-graph.js";

/** A model in memory: the bytes of its `.onnx` file, and those of its weights. */
export interface FilledModel {
  model: Uint8Array;
  weights: ExternalFile[];
}

/**
 * A model's forward as a graph by the names and shapes that transformers.js loads: causal text alone, of one sequence, keys and values from
 * `past_key_values` to `present`. It has no `attention_mask`, since no row is padding. Throws `ModelLoadError` for a model with windows.
 */
export async function buildCausalModel(architecture: Architecture, weights: Weights): Promise<FilledModel> {
  const { vocabSize, headDim, numHeads, numKeyValueHeads, layers } = architecture;
  if (windowsOf(architecture).some((window) => window !== null)) {
    throw new ModelLoadError(
      "Layers of this model see a window of the text alone, which a graph for transformers.js doesn't have here: take a model without windows.",
      "refused_graph",
    );
  }
  const graph = new GraphBuilder();
  const ids = graph.input("input_ids", ElementType.i64, [1, "N"]);
  const positions = graph.input("position_ids", ElementType.i64, [1, "N"]);
  const wanted = graph.input("num_logits_to_keep", ElementType.i64, []);
  const attend = (query: Value, keys: Value, values: Value, layer: number) => {
    const parts = ["key", "value"].map((part) => `${layer}.${part}`);
    const shape = (length: string) => [1, numKeyValueHeads, length, headDim];
    const past = parts.map((part) => graph.input(`past_key_values.${part}`, ElementType.f32, shape("P")));
    const { scale, softCap } = layers[layer].attention;
    const how = {
      q_num_heads: numHeads,
      kv_num_heads: numKeyValueHeads,
      scale: { float: scale },
      is_causal: 1,
      ...capOf(softCap),
    };
    const [mixed, ...present] = graph.ops("Attention", [query, keys, values, "", ...past], 3, how);
    for (const [i, part] of parts.entries()) graph.output(`present.${part}`, present[i], shape("T"));
    return mixed;
  };
  const form = { tokens: graph.op("Squeeze", [ids, graph.integers(0)]), positions, attend };
  const model = new LayersGraph(
    graph,
    new GraphWeights(graph, weights.tensors, { layers: null, ends: null }, false),
    architecture,
    plainLength(architecture),
    form,
  );
  // So many of the last rows; from 0 on, which is all, where none are asked for.
  const first = graph.op("Unsqueeze", [graph.op("Neg", [wanted]), graph.integers(0)]);
  const end = graph.integers(Number.MAX_SAFE_INTEGER);
  const rows = graph.op("Slice", [model.hidden(), first, end, graph.integers(0)]);
  graph.output("logits", graph.op("Unsqueeze", [model.logits(rows), graph.integers(0)]), [1, "R", vocabSize]);
  const { model: bytes, weights: files } = graph.build();
  return { model: bytes, weights: await fillFiles(files, weights) };
}
