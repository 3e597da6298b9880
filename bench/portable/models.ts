import path from "node:path";
import type { Architecture } from "../../src/architecture/architecture.js";
import { parseConfig } from "../../src/architecture/config.js";
import { fileSource } from "../../src/format/file-source.js";
import { loadArchitecture } from "../../src/backend/webgpu/load/load.js";
import type { Context } from "./section.js";

/** The folder of an embedded model. */
export function modelSource(folder: string, name: string) {
  return fileSource(path.join(folder, "models", name));
}

/** Of `story-ar`. */
export function storyArchitecture(folder: string): Promise<Architecture> {
  return loadArchitecture(modelSource(folder, "story-ar"));
}

/** Qwen3-0.6B's `config.json`, as far as it is read; without an end token, which random weights would write. */
const QWEN = {
  model_type: "qwen3",
  vocab_size: 151936,
  hidden_size: 1024,
  intermediate_size: 3072,
  num_hidden_layers: 28,
  num_attention_heads: 16,
  num_key_value_heads: 8,
  head_dim: 128,
  hidden_act: "silu",
  rms_norm_eps: 1e-6,
  rope_theta: 1e6,
  max_position_embeddings: 40960,
  tie_word_embeddings: true,
  torch_dtype: "float16",
};

/** Layers that a software adapter gets: the rest are like them. */
const SOFTWARE_LAYERS = 2;

/** Qwen3-0.6B's shape, and how many of its layers a context asks for. */
export function qwenShape({ gpu, layers }: Pick<Context, "gpu" | "layers">): Architecture {
  const most = layers ?? (gpu.facts.isSoftware ? SOFTWARE_LAYERS : QWEN.num_hidden_layers);
  return parseConfig({ ...QWEN, num_hidden_layers: Math.min(QWEN.num_hidden_layers, most) });
}

/** Said of a model that isn't as deep as its name. */
export function depthOf({ layers: { length } }: Pick<Architecture, "layers">): string {
  const whole = QWEN.num_hidden_layers;
  return length === whole ? `all ${whole} layers` : `${length} of ${whole} layers`;
}
