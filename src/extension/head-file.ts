import type { Architecture, LayerSpec } from "../architecture/architecture.js";
import { parseConfig } from "../architecture/config.js";
import { loadFamilies } from "../architecture/families.js";
import { type CheckpointReading, loadCheckpoint } from "../format/checkpoint.js";
import type { Tensor } from "../format/tensor.js";
import type { ModelSource } from "../format/source.js";
import type { HeadKind } from "../seam/capabilities.js";
import { ModelLoadError } from "../vocabulary/errors.js";
import { eagleWeights } from "./eagle/weights.js";
import { jointWeights } from "./joint-sampler/weights.js";
import { POLICY_TYPE, type PolicyFile, readPolicy } from "./length-policy/policy-file.js";
import { checkPlainEmbedding } from "./plain-embedding.js";

/** A head that is a few layers, read and checked against a model. */
export interface HeadFile {
  kind: HeadKind;
  architecture: Architecture;
  /** By our own names: `fc` for [token; state], `layers.i`, and the norms of a joint sampler by their file's. */
  weights: ReadonlyMap<string, Tensor>;
}

/**
 * Reads a head for a model of this architecture, whose embedding and LM head it uses. By its tensors it is an EAGLE head (arXiv
 * 2401.15077, as its authors publish them: `fc`, then decoder layers `layers.i` of which the first has no norm before its
 * attention), or a joint sampler (ADJUST, arXiv 2509.22738, by its authors' names: `down_project.0`, decoder layers
 * `layers.0.i`, `norm_embed.0`, `norm_hidden.0`, `norm_postattn.0`, with or without `drafter.` before them); by its config it may be
 * a policy (`readPolicy`). What else is in the file, as a copy of the embedding, is left out. Throws `ModelLoadError` for a head
 * of another model, and for a joint sampler that can't be honoured.
 */
export async function readHead(
  trunk: Architecture,
  source: ModelSource,
  how: CheckpointReading,
): Promise<HeadFile | PolicyFile> {
  const config = (await source.json("config.json", how.signal)) as Record<string, unknown>;
  if (config.model_type === POLICY_TYPE) return readPolicy(trunk, source, config, how);
  await loadFamilies(config);
  const architecture = parseConfig(config);
  checkFit(architecture, trunk);
  const file = unprefixed(await loadCheckpoint(source, how));
  const kind: HeadKind = file.has("down_project.0.weight") ? "joint" : "eagle";
  const weights = kind === "joint" ? jointWeights(architecture, file) : eagleWeights(architecture, file);
  return { kind, architecture, weights };
}

function checkFit(head: Architecture, trunk: Architecture): void {
  checkPlainEmbedding(trunk, "a head");
  const isLike = ({ attention, mlp }: LayerSpec) =>
    attention.norm?.way === "folded" && mlp.norm?.way === "folded" && !attention.after && !mlp.after;
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
