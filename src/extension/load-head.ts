import { EAGLE } from "./eagle/key.js";
import { JOINT_SAMPLER } from "./joint-sampler/key.js";
import { loadPolicy } from "./length-policy/load.js";
import { readHead } from "./head-file.js";
import { FC_HALVES, Transformer } from "../backend/webgpu/plan/transformer.js";
import { withinMemory } from "../backend/webgpu/plan/within-memory.js";
import { readingPart } from "../backend/webgpu/session/reading-part.js";
import { WebGpuModel } from "../backend/webgpu/session/webgpu-model.js";
import type { CheckpointReading } from "../format/checkpoint.js";
import { halfColumns } from "../format/half-columns.js";
import { memoryCheckpoint } from "../format/memory-checkpoint.js";
import type { Tensor } from "../format/tensor.js";
import type { ModelSource } from "../format/source.js";

/** Loads a head (`readHead`) and joins it to `model`. Throws `ModelLoadError`. */
export async function loadHead(model: WebGpuModel, source: ModelSource, how: CheckpointReading = {}): Promise<void> {
  const trunk = model.transformer;
  const { gpu, capabilities, variants } = trunk;
  const file = await readHead(trunk.architecture, source, how);
  if (file.kind === "policy") return loadPolicy(model, file);
  const { kind, architecture } = file;
  const weights = new Map(file.weights);
  for (const [i, name] of FC_HALVES.entries())
    weights.set(name, halfColumns(weights.get("fc.weight") as Tensor, i, name));
  const tensor = (name: string): Tensor => weights.get(name) as Tensor;
  const has = (name: string) => weights.has(name);
  // A joint sampler gets the state of what fills a position, and predicts that in place.
  const own = kind === "joint" ? { ...capabilities, inPlace: true } : capabilities;
  const part = { of: trunk, kind };
  const make = () =>
    new Transformer(gpu, `the head of ${trunk.name}`, architecture, own, tensor, has, null, variants, part);
  const head = await withinMemory(gpu, `the head of ${trunk.name}`, make);
  try {
    await head.fillWeights(memoryCheckpoint(weights), how);
  } catch (reason) {
    head.dispose();
    throw reason;
  }
  const reading = new WebGpuModel(head);
  model.add(readingPart(kind === "joint" ? JOINT_SAMPLER : EAGLE, reading), reading);
  capabilities.head = kind;
}
