import type { LayerSpec } from "./architecture.js";
import type { ConfigFields } from "./config-fields.js";
import { defineFamily, type FamilyConfig, type LayerRole, type OuterRole, prefixed, type Stored } from "./family.js";
import { fusedPart, gptLike } from "./gpt-config.js";
import { readActivation } from "./hub-config.js";

const OUTER: Record<OuterRole, string> = { embedding: "wte", positions: "wpe", norm: "ln_f", lmHead: "lm_head" };

const LAYER: Partial<Record<LayerRole, string>> = {
  "attention.norm": "ln_1",
  "attention.q": "attn.c_attn",
  "attention.k": "attn.c_attn",
  "attention.v": "attn.c_attn",
  "attention.output": "attn.c_proj",
  "mlp.norm": "ln_2",
  "mlp.up": "mlp.c_fc",
  "mlp.down": "mlp.c_proj",
};

/** Matrices are stored `[in, out]`, those of q, k and v side by side. */
function tensor(role: LayerRole | OuterRole, layer: number | null): Stored {
  if (layer === null) {
    const name = OUTER[role as OuterRole];
    return { names: role === "lmHead" ? [name] : prefixed("transformer.", name) };
  }
  const names = prefixed("transformer.", `h.${layer}.${LAYER[role as LayerRole] ?? role}`);
  const part = fusedPart(role);
  return part ? { names, transpose: true, part } : { names, transpose: true };
}

function read(config: ConfigFields): FamilyConfig {
  if (config.flag("add_cross_attention", false)) throw config.unsupported("add_cross_attention", "false");
  const shared = gptLike(config, { size: "n_embd", heads: "n_head", eps: "layer_norm_epsilon" });
  const { hiddenSize, headDim, norm } = shared;
  const numLayers = config.layers("n_layer");
  const numPositions = config.count("n_positions", config.count("n_ctx", 1024));
  const activation = readActivation(config, "activation_function", "gelu_new");
  const scale = config.flag("scale_attn_weights", true) ? headDim ** -0.5 : 1;
  const isByLayer = config.flag("scale_attn_by_inverse_layer_idx", false);
  const layers = Array.from(
    { length: numLayers },
    (_, layer): LayerSpec => ({
      attention: { norm, after: null, rope: null, window: null, scale: isByLayer ? scale / (layer + 1) : scale },
      mlp: { norm, after: null, kind: "plain", activation },
      isParallel: false,
    }),
  );
  return {
    ...shared,
    intermediateSize: config.count("n_inner", 4 * hiddenSize),
    embedding: { scale: 1, numPositions },
    layers,
    tied: config.flag("tie_word_embeddings", true),
    maxLength: numPositions,
  };
}

/** Layer norms, learned positions, plain feed-forward blocks. */
export const gpt2 = defineFamily({ types: ["gpt2"], knownAs: "GPT-2, DistilGPT-2", read, tensor });
