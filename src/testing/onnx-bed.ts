import * as runtime from "onnxruntime-web";
import { parseConfig } from "../architecture/config.js";
import { hasOwnHead, loadWeights } from "../architecture/tensors.js";
import { OnnxGraph } from "../backend/onnx/onnx-graph.js";
import { loadCheckpoint } from "../format/checkpoint.js";
import type { QuantFormat } from "../format/quantize.js";
import type { Tensor } from "../format/safetensors.js";
import type { ModelSource } from "../format/source.js";

// One thread: the tests of a process share it, and ids must not depend on the machine.
runtime.env.wasm.numThreads = 1;
runtime.env.logLevel = "error";

/** A model folder in ONNX Runtime's wasm build, in Node; `change` may put other tensors in the place of the file's. */
export async function loadGraph(
  source: ModelSource,
  format: QuantFormat | null = null,
  change: (tensor: Tensor) => Tensor = (tensor) => tensor,
): Promise<OnnxGraph> {
  const read = parseConfig(await source.json("config.json"), {});
  const tensors = new Map([...(await loadCheckpoint(source))].map(([name, tensor]) => [name, change(tensor)]));
  const architecture = read.tied && hasOwnHead(read, tensors) ? { ...read, tied: false } : read;
  const context = Math.min(256, architecture.maxLength);
  return OnnxGraph.load(runtime, architecture, loadWeights(architecture, tensors), { context, format });
}
