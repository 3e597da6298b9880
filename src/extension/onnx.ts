import type { Architecture } from "../architecture/architecture.js";
import type { Ends } from "../backend/onnx/layers-graph.js";
import type { OnnxDevice } from "../backend/onnx/onnx-device.js";
import { type GraphOptions, OnnxGraph } from "../backend/onnx/onnx-graph.js";
import { OnnxModel } from "../backend/onnx/session/onnx-model.js";
import { readingPart } from "../backend/onnx/session/reading-part.js";
import { withTensors } from "../format/memory-checkpoint.js";
import type { Tensor, Weights } from "../format/tensor.js";
import type { Capabilities } from "../seam/capabilities.js";
import type { ExtensionKey } from "../seam/extension.js";
import type { Session } from "../seam/session.js";
import { EAGLE } from "./eagle/key.js";
import { EAGLE_ENDS } from "./eagle/onnx.js";
import type { HeadFile } from "./head-file.js";
import { JOINT_SAMPLER } from "./joint-sampler/key.js";
import { JOINT_ENDS } from "./joint-sampler/onnx.js";
import { onnxLengthPolicy } from "./length-policy/onnx.js";
import type { PolicyFile } from "./length-policy/policy-file.js";
import type { AdapterFile } from "./mask-tokens/adapter-file.js";
import { MASK_TOKENS } from "./mask-tokens/key.js";
import { SAMPLER_ENDS } from "./mask-tokens/onnx.js";

/** A model in ONNX Runtime that something is loaded beside. */
export interface JoinedTo {
  device: OnnxDevice;
  model: OnnxModel;
  architecture: Architecture;
  /** Its own, by our names, open. */
  weights: Weights;
  /** How its graph was made. */
  how: GraphOptions;
}

/** What is loaded as a model of its own, whose rows read the states that another's leave. */
interface Reading {
  key: ExtensionKey<Session>;
  ends: Ends;
  architecture: Architecture;
  weights: ReadonlyMap<string, Tensor>;
  /** How it reads, where that differs from the other. */
  capabilities?: Partial<Capabilities>;
}

/** Puts a head beside a model's sessions. */
export async function joinHead(to: JoinedTo, file: HeadFile | PolicyFile): Promise<void> {
  const { capabilities } = to.model;
  if (file.kind === "policy") {
    to.model.add(onnxLengthPolicy(file));
    capabilities.policyLengths = file.lengths;
    return;
  }
  const { kind, architecture, weights } = file;
  // A graph has its layers by a whole model's names.
  const named = new Map([...weights].map(([name, tensor]) => [name.replace(/^layers\./, "model.layers."), tensor]));
  const own = { architecture, weights: named };
  await join(
    to,
    kind === "joint"
      ? // It gets the state of what fills a position, and predicts that in place.
        { ...own, key: JOINT_SAMPLER, ends: JOINT_ENDS, capabilities: { inPlace: true } }
      : { ...own, key: EAGLE, ends: EAGLE_ENDS },
  );
  capabilities.head = kind;
}

/** Puts the sampler head of an adapter beside a model's sessions, whose graph was made with its low-rank products. */
export async function joinSampler(to: JoinedTo, { weights, numMasks }: AdapterFile): Promise<void> {
  await join(to, { key: MASK_TOKENS, ends: SAMPLER_ENDS, architecture: { ...to.architecture, layers: [] }, weights });
  to.model.capabilities.numMasks = numMasks;
}

/** The runtime holds embedding and LM head once more: its graphs share no weights. */
async function join({ device, model, architecture: trunk, weights, how }: JoinedTo, reading: Reading): Promise<void> {
  const { key, ends, architecture, capabilities } = reading;
  const shared = ["model.embed_tokens.weight", "lm_head.weight"].flatMap((name) => weights.tensors.get(name) ?? []);
  const trunkEnds = new Map(shared.map((tensor) => [tensor.name, tensor]));
  const all = withTensors({ ...weights, tensors: trunkEnds }, reading.weights);
  const shape = { ...architecture, tied: trunk.tied };
  const whole = await OnnxGraph.load(device.runtime, shape, all, { ...how, ends });
  const made = new OnnxModel({
    name: `the head of ${model.name}`,
    capabilities: { ...model.capabilities, ...capabilities },
    numPositions: null,
    line: device.line,
    whole,
    beside: [],
    byteLength: whole.weightBytes,
    arena: device.arena,
  });
  model.add(readingPart(key, made), made);
}
