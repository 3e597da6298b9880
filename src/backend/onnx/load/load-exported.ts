import type { ExportedConfig } from "../../../architecture/exported-config.js";
import { factualCapabilities } from "../../../architecture/architecture.js";
import { HOST_PARTS } from "../../../extension/host.js";
import type { OnnxFile } from "../../../format/onnx-file.js";
import { folderName, type ModelSource } from "../../../format/source.js";
import { REQUESTS } from "../../../seam/asks.js";
import type { Capabilities } from "../../../seam/capabilities.js";
import type { Rounding } from "../../../seam/rounding.js";
import { invariant, ModelLoadError } from "../../../vocabulary/errors.js";
import { answersWith } from "../../host/answers/index.js";
import { ExportedGraph } from "../exported/exported-graph.js";
import { type GraphShape, shapeOf } from "../exported/graph-shape.js";
import { openGraph, reasonOf } from "../exported/open-graph.js";
import { type Reading, readExport } from "../exported/read-export.js";
import type { OnnxDevice } from "../onnx-device.js";
import { OnnxModel } from "../session/onnx-model.js";

/** A model whose weights are in a graph that somebody has exported: what its config says, and which file of the folder it is. */
export interface ExportedModel extends ExportedConfig {
  file: OnnxFile;
}

const NO_BIAS = "this ONNX graph has no input attention_bias, so that each row sees all before it";
const NO_STATES = "this ONNX graph has no output of hidden states";
const ONE_DEPTH = "this ONNX graph runs with all of its layers";

/** What a session on an exported graph can't be asked for, and why. */
const LACKS: Readonly<Record<string, string>> = {
  parents: NO_BIAS,
  rank: NO_BIAS,
  segments: NO_BIAS,
  slots: NO_BIAS,
  positions: NO_BIAS,
  states: NO_STATES,
  "early-exit": ONE_DEPTH,
};

const PARTS = HOST_PARTS.filter(({ extension }) => !Object.hasOwn(LACKS, extension));
const ANSWERS = answersWith(PARTS).filter((name) => !Object.hasOwn(LACKS, name));
invariant(
  REQUESTS.every((name) => ANSWERS.includes(name) !== Object.hasOwn(LACKS, name)),
  "requests are answered or lacking",
);

/** What a model can do by its config, before its graph is read; `graph` says the rest. */
export function exportedCapabilities(
  config: ExportedConfig,
  { numLayers, rounding }: { numLayers: number; rounding: Rounding | null } = {
    numLayers: config.numLayers ?? 1,
    rounding: null,
  },
): Capabilities {
  const facts = factualCapabilities(config, numLayers);
  const unlikeRows = rounding?.endsWith("-int8") ? "rounded" : "any";
  return { ...facts, rounding, answers: ANSWERS, lacks: LACKS, unlikeRows };
}

/** A folder's exported graph in ONNX Runtime, tried with two rows. Throws `ModelLoadError`, `OutOfMemoryError` or `AbortError`. */
export async function loadExported(
  device: OnnxDevice,
  source: ModelSource,
  model: ExportedModel,
  reading: Reading,
): Promise<OnnxModel> {
  const { path } = model.file;
  const label = `${path} in ${source.url}`;
  const { signal } = reading;
  const files = await readExport(source, model.file, reading);
  signal?.throwIfAborted();
  const session = await openGraph(device, files, label);
  let shape: GraphShape;
  let graph: ExportedGraph;
  try {
    shape = shapeOf(session, model, label);
    graph = new ExportedGraph(device.runtime, session, shape, model.vocabSize, label);
    await tryOut(graph, label);
    signal?.throwIfAborted();
  } catch (error) {
    await session.release();
    throw error;
  }
  const { byteLength, file } = files;
  const name = `${folderName(source.url)}/${path.replace(/^.*\//, "")}`;
  return new OnnxModel({
    name,
    capabilities: { ...exportedCapabilities(model, { numLayers: shape.numLayers, rounding: file.rounding }), name },
    numPositions: null,
    line: device.line,
    whole: graph,
    beside: PARTS,
    byteLength,
    arena: device.arena,
  });
}

/** A row without a past, and one behind it: what inputs and outputs don't tell shows now, and not within a text. */
async function tryOut(graph: ExportedGraph, label: string): Promise<void> {
  const past = graph.cache();
  try {
    for (const position of [0, 1]) {
      const one = { tokens: Int32Array.of(0), positions: Int32Array.of(position), rows: Int32Array.of(0) };
      past.append((await graph.run({ ...one, bias: null, hidden: false, past })).present);
    }
  } catch (error) {
    if (error instanceof ModelLoadError) throw error;
    throw new ModelLoadError(
      `${label} can't be run by ONNX Runtime (${reasonOf(error)}): take another of the folder's files with dtype, or export it again.`,
      "refused_graph",
    );
  }
}
