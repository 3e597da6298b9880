import { HOST_PARTS } from "../extension/host.js";
import type { Law } from "../backend/host/law.js";
import type { Line } from "../backend/host/line.js";
import { usualCapabilities } from "../backend/host/mock.js";
import type { GraphRun } from "../backend/onnx/graph-run.js";
import { OnnxModel } from "../backend/onnx/session/onnx-model.js";
import type { Capabilities } from "../seam/capabilities.js";
import { lawGraph } from "./law-graph.js";

/** What stands for a graph's model. */
export interface GraphModelOptions {
  law: Law;
  capabilities: Partial<Capabilities> & { vocabSize: number };
  line: Line;
  /** What its first layers say, however few. */
  shallow?: Law;
  /** How long a forward takes. */
  latency?: () => Promise<void>;
  /** Stands between sessions and the graph. */
  through?: (graph: GraphRun) => GraphRun;
}

/** A model that says what a law says, in sessions whose forwards run late. */
export function graphModel({
  law,
  capabilities: given,
  line,
  shallow = law,
  latency,
  through = (graph) => graph,
}: GraphModelOptions): OnnxModel {
  const capabilities = usualCapabilities(given);
  return new OnnxModel({
    name: capabilities.name,
    capabilities,
    numPositions: null,
    line,
    whole: through(lawGraph(law, capabilities, latency)),
    firstLayers: async (numLayers) => lawGraph(shallow, { ...capabilities, numLayers }, latency),
    beside: HOST_PARTS,
    byteLength: 0,
  });
}
