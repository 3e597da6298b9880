import { answersWith } from "../../host/answers/index.js";
import { HOST_PARTS } from "../../../extension/host.js";
import type { Tensor } from "../../../format/safetensors.js";
import { loadCheckpoint } from "../../../format/checkpoint.js";
import { folderName, type ModelSource, type Progress } from "../../../format/source.js";
import { type Architecture, capabilitiesOf } from "../../../architecture/architecture.js";
import { hasOwnHead, loadWeights } from "../../../architecture/tensors.js";
import type { Capabilities } from "../../../seam/capabilities.js";
import { ROUNDINGS, type Rounding } from "../../../seam/rounding.js";
import { InvalidOptionError } from "../../../vocabulary/errors.js";
import type { OnnxDevice } from "../onnx-device.js";
import { OnnxGraph } from "../onnx-graph.js";
import { OnnxModel } from "../session/onnx-model.js";

/** How to load a folder's weights as a graph. */
export interface OnnxLoading {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  /** Rounds matrices to 8 or 4 bits. Default: as stored. */
  weights?: Rounding;
}

const ANSWERS = answersWith(HOST_PARTS);

/**
 * Rows are the same to the bit, however many are read together, in models whose rows are a multiple of so many numbers
 * (`row-invariance.onnx.test.ts`); those of trees differ by 1e-6.
 */
const ALIKE_SIZE = 16;

/** What a model of this architecture can do on this backend. */
export function onnxCapabilities(architecture: Architecture): Capabilities {
  const unlikeRows = architecture.hiddenSize % ALIKE_SIZE === 0 ? "trees" : "any";
  return { ...capabilitiesOf(architecture), answers: ANSWERS, unlikeRows };
}

/**
 * A model whose longest sequence is that of `architecture`, in ONNX Runtime. Throws `ModelLoadError`, `InvalidOptionError` for a rounding that
 * it hasn't, or `AbortError`.
 */
export async function loadOnnx(
  device: OnnxDevice,
  source: ModelSource,
  architecture: Architecture,
  { signal, onProgress, weights: rounding }: OnnxLoading,
): Promise<OnnxModel> {
  const name = folderName(source.url);
  if (rounding !== undefined && ROUNDINGS[rounding].roundsRows) {
    const { format } = ROUNDINGS[rounding];
    throw new InvalidOptionError(
      `weights ${rounding} also rounds activations, which device "${device.provider}" doesn't: take ${format}, or device "webgpu".`,
    );
  }
  const tensors = await loadCheckpoint(source, { signal, onProgress });
  const isOtherHead = architecture.tied && hasOwnHead(architecture, tensors);
  const shape = isOtherHead ? { ...architecture, tied: false } : architecture;
  const weights = loadWeights(shape, tensors);
  signal?.throwIfAborted();
  const model = await onnxModel(device, shape, weights, { name, rounding });
  if (signal?.aborted) model.dispose();
  signal?.throwIfAborted();
  return model;
}

/** A model of these weights, by our own names. */
export async function onnxModel(
  device: OnnxDevice,
  shape: Architecture,
  weights: ReadonlyMap<string, Tensor>,
  { name, rounding }: { name: string; rounding?: Rounding },
): Promise<OnnxModel> {
  const format = rounding === undefined ? null : ROUNDINGS[rounding].format;
  const { runtime, provider, line, arena } = device;
  const how = { context: shape.maxLength, format, provider };
  const whole = await OnnxGraph.load(runtime, shape, weights, how);
  const byteLength = [...weights.values()].reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  arena.byteLength += byteLength;
  return new OnnxModel({
    name,
    capabilities: { ...onnxCapabilities(shape), name, rounding: rounding ?? null, maxLength: shape.maxLength },
    numPositions: shape.embedding.numPositions && Math.min(shape.maxLength, shape.embedding.numPositions),
    line,
    whole,
    firstLayers: (numLayers) =>
      OnnxGraph.load(runtime, { ...shape, layers: shape.layers.slice(0, numLayers) }, weights, how),
    beside: HOST_PARTS,
    byteLength,
    onDispose: () => {
      arena.byteLength -= byteLength;
    },
  });
}
