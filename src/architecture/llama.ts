import { defineFamily, type Family, type LayerRole, type OuterRole, prefixed, type Stored } from "./family.js";
import { attentionBiases, fullWindows, llamaLike } from "./hub-config.js";

const OUTER: Record<OuterRole, string> = {
  embedding: "embed_tokens",
  positions: "embed_positions",
  norm: "norm",
  lmHead: "lm_head",
};

const LAYER: Record<LayerRole, string> = {
  "attention.norm": "input_layernorm",
  "attention.q": "self_attn.q_proj",
  "attention.k": "self_attn.k_proj",
  "attention.v": "self_attn.v_proj",
  "attention.qNorm": "self_attn.q_norm",
  "attention.kNorm": "self_attn.k_norm",
  "attention.output": "self_attn.o_proj",
  "attention.after": "self_attn.after_norm",
  "mlp.norm": "post_attention_layernorm",
  "mlp.gate": "mlp.gate_proj",
  "mlp.up": "mlp.up_proj",
  "mlp.down": "mlp.down_proj",
  "mlp.after": "mlp.after_norm",
};

/** The module of a layer by its role, as Llama's checkpoints name it: our own name for it, too. */
export const llamaModule = (role: LayerRole): string => LAYER[role];

/** The names of Llama's checkpoints, which most families share. */
export function llamaTensor(role: LayerRole | OuterRole, layer: number | null): Stored {
  if (role === "lmHead") return { names: [OUTER.lmHead] };
  if (layer === null) return { names: prefixed("model.", OUTER[role as OuterRole]) };
  return { names: prefixed("model.", `layers.${layer}.${LAYER[role as LayerRole]}`) };
}

/** The names of Llama's checkpoints, but for those of some parts of a layer. */
export function llamaTensorBy(own: Partial<Record<LayerRole | OuterRole, string>>): Family["tensor"] {
  return (role, layer) => {
    const name = own[role];
    return layer === null || !name
      ? llamaTensor(role, layer)
      : { names: prefixed("model.", `layers.${layer}.${name}`) };
  };
}

/** Llama and what was made after it. */
export const llama = defineFamily({
  types: ["llama"],
  knownAs: "Llama 2 and 3, SmolLM 1 and 2, TinyLlama, stories260K",
  read: (config) => ({
    ...llamaLike(config, { maxLength: 2048, windows: fullWindows }),
    ...attentionBiases(config),
    mlpBias: config.flag("mlp_bias", false),
  }),
  tensor: llamaTensor,
});
