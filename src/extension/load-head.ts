import { eagleWeights } from "./eagle/weights.js";
import { jointWeights } from "./joint-sampler/weights.js";
import { EAGLE } from "./eagle/key.js";
import { JOINT_SAMPLER } from "./joint-sampler/key.js";
import { readingPart } from "../backend/webgpu/session/reading-part.js";
import { loadCheckpoint } from "../format/checkpoint.js";
import type { Tensor } from "../format/safetensors.js";
import type { ModelSource, Progress } from "../format/source.js";
import { ModelLoadError } from "../vocabulary/errors.js";
import type { Architecture, LayerSpec } from "../architecture/architecture.js";
import { checkPlainEmbedding } from "./plain-embedding.js";
import { parseConfig } from "../architecture/config.js";
import type { HeadKind } from "../seam/capabilities.js";
import { loadPolicy, POLICY_TYPE } from "./length-policy/load.js";
import { Transformer } from "../backend/webgpu/plan/transformer.js";
import { WebGpuModel } from "../backend/webgpu/session/webgpu-model.js";
import { withinMemory } from "../backend/webgpu/plan/within-memory.js";

/**
 * Loads a head and joins it to `model`, whose embedding and LM head it uses. By its tensors it is an EAGLE head (arXiv
 * 2401.15077, as its authors publish them: `fc`, then decoder layers `layers.i` of which the first has no norm before its
 * attention), or a joint sampler (ADJUST, arXiv 2509.22738, by its authors' names: `down_project.0`, decoder layers
 * `layers.0.i`, `norm_embed.0`, `norm_hidden.0`, `norm_postattn.0`, with or without `drafter.` before them); by its config it may be
 * a policy (`loadPolicy`). What else is in the file, as a copy of the embedding, is left out. Throws `ModelLoadError` for a head
 * of another model, and for a joint sampler that can't be honoured.
 */
export async function loadHead(
  model: WebGpuModel,
  source: ModelSource,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (progress: Progress) => void } = {},
): Promise<void> {
  const config = (await source.json("config.json", signal)) as Record<string, unknown>;
  if (config.model_type === POLICY_TYPE) return loadPolicy(model, source, config, { signal, onProgress });
  const trunk = model.transformer;
  const architecture = parseConfig(config);
  checkFit(architecture, trunk.architecture);
  const { gpu, capabilities, variants } = trunk;
  const file = unprefixed(await loadCheckpoint(source, { signal, onProgress }));
  const kind: HeadKind = file.has("down_project.0.weight") ? "joint" : "eagle";
  const weights = kind === "joint" ? jointWeights(architecture, file) : eagleWeights(architecture, file);
  const tensor = (name: string): Tensor => weights.get(name) as Tensor;
  const has = (name: string) => weights.has(name);
  // A joint sampler gets the state of what fills a position, and predicts that in place.
  const own = kind === "joint" ? { ...capabilities, inPlace: true } : capabilities;
  const part = { of: trunk, kind };
  const make = () =>
    new Transformer(gpu, `the head of ${trunk.name}`, architecture, own, tensor, has, null, variants, part);
  const head = await withinMemory(gpu, `the head of ${trunk.name}`, make);
  try {
    await head.fillWeights(tensor, signal);
  } catch (reason) {
    head.dispose();
    throw reason;
  }
  const reading = new WebGpuModel(head);
  model.add(readingPart(kind === "joint" ? JOINT_SAMPLER : EAGLE, reading), reading);
  capabilities.head = kind;
}

function checkFit(head: Architecture, trunk: Architecture): void {
  checkPlainEmbedding(trunk, "a head");
  const isLike = ({ attention, mlp }: LayerSpec) =>
    attention.norm.way === "folded" && mlp.norm.way === "folded" && !attention.after && !mlp.after;
  if (!head.layers.every(isLike)) {
    throw new ModelLoadError(
      `The head's config.json: model_type ${JSON.stringify(head.modelType)} isn't supported, whose layers aren't like Llama's; supported: llama, qwen2, qwen3, mistral, smollm3.`,
      "unsupported_config",
    );
  }
  for (const [name, field] of [
    ["hiddenSize", "hidden_size"],
    ["vocabSize", "vocab_size"],
  ] as const) {
    if (head[name] === trunk[name]) continue;
    throw new ModelLoadError(
      `The head's config.json says ${field} ${head[name]}, the model's ${trunk[name]}: a head belongs to the model it was trained on.`,
      "wrong_head",
    );
  }
}

/** Without the name that a checkpoint of the whole training has before each of the head's. */
function unprefixed(file: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  return new Map([...file].map(([name, tensor]) => [name.replace(/^drafter\./, ""), tensor]));
}
