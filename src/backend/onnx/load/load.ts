import { answersWith } from "../../host/answers/index.js";
import { type HeadFile, readHead } from "../../../extension/head-file.js";
import { HOST_PARTS } from "../../../extension/host.js";
import type { PolicyFile } from "../../../extension/length-policy/policy-file.js";
import { type AdapterFile, readAdapter } from "../../../extension/mask-tokens/adapter-file.js";
import { maskTensors } from "../../../extension/mask-tokens/onnx.js";
import { joinHead, joinSampler } from "../../../extension/onnx.js";
import type { Tensor, Weights } from "../../../format/tensor.js";
import { type CheckpointReading, openCheckpoint } from "../../../format/checkpoint.js";
import { memoryCheckpoint, withTensors } from "../../../format/memory-checkpoint.js";
import { folderName, type ModelSource, type Progress } from "../../../format/source.js";
import { type Architecture, capabilitiesOf } from "../../../architecture/architecture.js";
import { openWeights } from "../../../architecture/open-weights.js";
import type { Capabilities } from "../../../seam/capabilities.js";
import { type Rounding, roundingOf } from "../../../seam/rounding.js";
import { InvalidOptionError } from "../../../vocabulary/errors.js";
import type { OnnxDevice } from "../onnx-device.js";
import type { Provider } from "../provider.js";
import { OnnxGraph } from "../onnx-graph.js";
import { OnnxModel } from "../session/onnx-model.js";

/** How to load a folder's weights as a graph. */
export interface OnnxLoading {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  /** Rounds matrices to 8 or 4 bits. Default: as stored. */
  weights?: Rounding;
  /** Folder of a head for this model (`readHead`). */
  head?: ModelSource;
  /** Folder of an adapter with mask tokens for this model (`readAdapter`). */
  adapter?: ModelSource;
}

const ANSWERS = answersWith(HOST_PARTS);

/**
 * Rows are the same to the bit, however many are read together, in models whose rows are a multiple of so many numbers
 * (`row-invariance.onnx.test.ts`); those of trees differ by 1e-6. On the CPU, that is: rounded ones differ as much on WebGPU, and of WebNN
 * nothing is known.
 */
const ALIKE_SIZE = 16;

/** What a model of this architecture can do on this backend, on a device of this name. */
export function onnxCapabilities(architecture: Architecture, device: Provider["name"] = "wasm"): Capabilities {
  const isMeasured = device === "wasm" || device === "node";
  const unlikeRows = isMeasured && architecture.hiddenSize % ALIKE_SIZE === 0 ? "trees" : "any";
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
  { signal, onProgress, weights: rounding, head, adapter }: OnnxLoading,
): Promise<OnnxModel> {
  const name = folderName(source.url);
  const { format, roundsRows, isHalf } = roundingOf(rounding ?? null);
  if (roundsRows || isHalf) {
    throw new InvalidOptionError(
      `weights ${rounding} also rounds activations, which device "${device.provider.name}" doesn't: ` +
        `${format ? `take ${format}` : "leave it out"}, or take device "webgpu".`,
    );
  }
  const reading = { signal, onProgress };
  const lend = lending(source, architecture);
  return lend(async (weights, shape) => {
    const beside = {
      head: head && (await readHead(shape, head, reading)),
      adapter: adapter && (await readAdapter(shape, adapter, reading)),
    };
    signal?.throwIfAborted();
    const again: Lend = (use) => lend(use);
    const model = await onnxModel(device, shape, { weights, again }, { name, rounding, signal, ...beside });
    if (signal?.aborted) model.dispose();
    signal?.throwIfAborted();
    return model;
  }, reading);
}

/** Opens a model's weights for as long as they are used. */
type Lend = <T>(use: (weights: Weights) => Promise<T>) => Promise<T>;

/** Weights that are open, and how to open them again: a model keeps none of them. */
interface Lent {
  weights: Weights;
  again: Lend;
}

/** Opens a folder's weights, says of which architecture they are, and closes them behind their use. */
function lending(source: ModelSource, architecture: Architecture) {
  return async <T>(
    use: (weights: Weights, shape: Architecture) => Promise<T>,
    reading: CheckpointReading = {},
  ): Promise<T> => {
    const checkpoint = await openCheckpoint(source, reading);
    try {
      const opened = await openWeights(architecture, checkpoint, reading.signal);
      return await use(opened.weights, opened.architecture);
    } finally {
      await checkpoint.close();
    }
  };
}

/** A model of tensors that are at hand, by our own names. */
export function madeOnnxModel(
  device: OnnxDevice,
  shape: Architecture,
  tensors: ReadonlyMap<string, Tensor>,
  making: OnnxMaking,
): Promise<OnnxModel> {
  const weights = memoryCheckpoint(tensors);
  return onnxModel(device, shape, { weights, again: (use) => use(weights) }, making);
}

/** What a model is made with beside its weights. */
export interface OnnxMaking {
  name: string;
  rounding?: Rounding;
  head?: HeadFile | PolicyFile;
  adapter?: AdapterFile;
  signal?: AbortSignal;
}

/** A model of these weights, by our own names. */
async function onnxModel(
  device: OnnxDevice,
  shape: Architecture,
  { weights, again }: Lent,
  { name, rounding, head, adapter, signal }: OnnxMaking,
): Promise<OnnxModel> {
  const { format } = roundingOf(rounding ?? null);
  const { runtime, provider, line, arena } = device;
  const { execution, isPacked } = provider;
  const how = { context: shape.maxLength, format, execution, isPacked };
  const all = adapter ? withTensors(weights, maskTensors(shape, adapter)) : weights;
  const whole = await OnnxGraph.load(runtime, shape, all, { ...how, signal });
  const model = new OnnxModel({
    name,
    capabilities: {
      ...onnxCapabilities(shape, provider.name),
      name,
      rounding: rounding ?? null,
      maxLength: shape.maxLength,
    },
    numPositions: shape.embedding.numPositions && Math.min(shape.maxLength, shape.embedding.numPositions),
    line,
    whole,
    firstLayers: (numLayers) =>
      again((own) => OnnxGraph.load(runtime, { ...shape, layers: shape.layers.slice(0, numLayers) }, own, how)),
    beside: HOST_PARTS,
    byteLength: whole.weightBytes,
    arena,
  });
  const to = { device, model, architecture: shape, weights, how };
  try {
    if (head) await joinHead(to, head);
    if (adapter) await joinSampler(to, adapter);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model;
}
