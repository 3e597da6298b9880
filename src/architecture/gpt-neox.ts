import type { LayerSpec, RopeSpec } from "./architecture.js";
import type { ConfigFields } from "./config-fields.js";
import { defineFamily, type FamilyConfig, type LayerRole, type OuterRole, prefixed, type Stored } from "./family.js";
import { fusedPart, gptLike } from "./gpt-config.js";
import { attentionBiases, readActivation } from "./hub-config.js";
import { channelsOf, readLengths, ropeFields, ropeOf } from "./rope.js";

const OUTER: Partial<Record<OuterRole, string>> = { embedding: "embed_in", norm: "final_layer_norm" };

const LAYER: Partial<Record<LayerRole, string>> = {
  "attention.norm": "input_layernorm",
  "attention.q": "attention.query_key_value",
  "attention.k": "attention.query_key_value",
  "attention.v": "attention.query_key_value",
  "attention.output": "attention.dense",
  "mlp.norm": "post_attention_layernorm",
  "mlp.up": "mlp.dense_h_to_4h",
  "mlp.down": "mlp.dense_4h_to_h",
};

/** q, k and v are stored as one, head by head. */
function tensor(role: LayerRole | OuterRole, layer: number | null): Stored {
  if (role === "lmHead") return { names: ["embed_out", "lm_head"] };
  if (layer === null) return { names: prefixed("gpt_neox.", OUTER[role as OuterRole] ?? role) };
  const names = prefixed("gpt_neox.", `layers.${layer}.${LAYER[role as LayerRole] ?? role}`);
  const part = fusedPart(role);
  return part ? { names, part: { ...part, perHead: true } } : { names };
}

/** The first channels of a head are rotated: so many in 1 of them as `rotary_pct` says. */
function readPartialRope(config: ConfigFields, headDim: number): RopeSpec | null {
  const fields = ropeFields(config, { isByLayers: false });
  const base = fields.optionalNumber("rope_theta") ?? config.optionalNumber("rotary_emb_base") ?? 10000;
  const [field, from] = fields.has("partial_rotary_factor")
    ? (["partial_rotary_factor", fields] as const)
    : (["rotary_pct", config] as const);
  const share = from.numeral(field) ?? 0.25;
  // transformers reads these two of no such config; those that it wrote have them beside its own, and alike.
  for (const [name, own] of [
    ["rope_theta", base],
    ["partial_rotary_factor", share],
  ] as const) {
    const given = config.numeral(name);
    if (given !== undefined && given !== own) throw config.unsupported(name, `${own}, as this family's own fields say`);
  }
  const channels = channelsOf(from, field, share, headDim);
  return channels === 0 ? null : ropeOf(fields, config, base, channels);
}

function read(config: ConfigFields): FamilyConfig {
  const shared = gptLike(config, { size: "hidden_size", heads: "num_attention_heads", eps: "layer_norm_eps" });
  const { headDim, norm } = shared;
  const rope = readPartialRope(config, headDim);
  const layer: LayerSpec = {
    attention: { norm, after: null, rope, window: null, scale: headDim ** -0.5 },
    mlp: { norm, after: null, kind: "plain", activation: readActivation(config, "hidden_act", "gelu") },
    isParallel: config.flag("use_parallel_residual", true),
  };
  return {
    ...shared,
    intermediateSize: config.count("intermediate_size"),
    embedding: { scale: 1, numPositions: null },
    layers: Array<LayerSpec>(config.layers("num_hidden_layers")).fill(layer),
    ...attentionBiases(config, true),
    tied: config.flag("tie_word_embeddings", false),
    ...readLengths(config, 2048, [rope]),
  };
}

/** Layer norms, both blocks of a layer beside each other, heads that are rotated in part. */
export const gptNeox = defineFamily({ types: ["gpt_neox"], knownAs: "Pythia, GPT-NeoX", read, tensor });
