import { parseConfig } from "../architecture/config.js";
import { type OpenWeights, openWeights } from "../architecture/open-weights.js";
import { contextOf } from "../backend/webgpu/load/load.js";
import { loadWebAssemblyRuntime } from "../backend/onnx/load-runtime.js";
import { type GraphOptions, OnnxGraph } from "../backend/onnx/onnx-graph.js";
import { loadCheckpoint } from "../format/checkpoint.js";
import { memoryCheckpoint } from "../format/memory-checkpoint.js";
import type { Tensor } from "../format/tensor.js";
import type { ModelSource } from "../format/source.js";

/** How a test's graph differs from the folder's. */
export interface GraphBed extends Partial<GraphOptions> {
  /** Puts other tensors in the place of the file's. */
  change?(tensor: Tensor): Tensor;
}

/** A model folder's architecture and its tensors by our own names. */
export async function readModel(source: ModelSource, change = (tensor: Tensor) => tensor): Promise<OpenWeights> {
  const read = parseConfig(await source.json("config.json"), {});
  const tensors = new Map([...(await loadCheckpoint(source))].map(([name, tensor]) => [name, change(tensor)]));
  return openWeights(read, memoryCheckpoint(tensors));
}

/** A model folder in ONNX Runtime's wasm build, in Node. */
export async function loadGraph(source: ModelSource, { change, ...options }: GraphBed = {}): Promise<OnnxGraph> {
  const { architecture, weights } = await readModel(source, change);
  const context = Math.min(256, contextOf(architecture));
  const runtime = await loadWebAssemblyRuntime();
  return OnnxGraph.load(runtime, architecture, weights, { context, ...options });
}
