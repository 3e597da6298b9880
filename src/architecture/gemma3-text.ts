import type { FoldedRms, LayerSpec, PlainNorm, RopeSpec } from "./architecture.js";
import { ConfigFields } from "./config-fields.js";
import { defineFamily, type FamilyConfig } from "./family.js";
import { attentionBiases, isWindowedBy, readActivation, readHeads } from "./hub-config.js";
import { llamaTensor } from "./llama.js";
import { LEFT_TO_RIGHT } from "./reading.js";
import { checkWholeRope, readLengths, ropeFields, ropeOf } from "./rope.js";

/** Names of the two norms that Gemma has on each side of a feed-forward block, and behind the attention. */
const NORMS: Record<string, string> = {
  "attention.after": "post_attention_layernorm",
  "mlp.norm": "pre_feedforward_layernorm",
  "mlp.after": "post_feedforward_layernorm",
};

/** Layers with a window rotate by a base of their own, and scaling is of the others alone. */
function readRopes(config: ConfigFields, headDim: number): { full: RopeSpec; windowed: RopeSpec } {
  const fields = ropeFields(config, { isByLayers: config.record("rope_parameters")?.isEmpty === false });
  const nothing = new ConfigFields({});
  const isByLayers = fields.has("full_attention") || fields.has("sliding_attention");
  const full = isByLayers ? (fields.record("full_attention") ?? nothing) : fields;
  const windowed = (isByLayers ? fields.record("sliding_attention") : null) ?? nothing;
  checkWholeRope(config, full, windowed);
  const base = full.optionalNumber("rope_theta") ?? config.optionalNumber("rope_theta") ?? 1e6;
  const local = windowed.optionalNumber("rope_theta") ?? config.optionalNumber("rope_local_base_freq") ?? 1e4;
  return { full: ropeOf(full, config, base, headDim), windowed: ropeOf(windowed, config, local, headDim) };
}

function read(config: ConfigFields): FamilyConfig {
  for (const field of ["attn_logit_softcapping", "final_logit_softcapping"]) {
    if (config.optionalNumber(field) !== null) throw config.unsupported(field, "null");
  }
  if (config.flag("use_bidirectional_attention", false)) {
    throw config.unsupported("use_bidirectional_attention", "false");
  }
  const hiddenSize = config.count("hidden_size");
  const numLayers = config.count("num_hidden_layers");
  const heads = readHeads(config, { headDim: () => 256, numKeyValueHeads: 4 });
  const eps = config.optionalNumber("rms_norm_eps") ?? 1e-6;
  const norm: FoldedRms = { way: "folded", eps, gainOffset: 1 };
  const after: PlainNorm = { way: "plain", kind: "rms", eps, gainOffset: 1, hasBias: false };
  const scale = (config.optionalNumber("query_pre_attn_scalar") ?? 256) ** -0.5;
  const activation = readActivation(config, "hidden_activation", "gelu_pytorch_tanh");
  const ropes = readRopes(config, heads.headDim);
  const pattern = config.count("sliding_window_pattern", config.count("_sliding_window_pattern", 6));
  const windowed = isWindowedBy(config, numLayers, (layer) => (layer + 1) % pattern !== 0);
  if (config.isNull("sliding_window") && windowed.includes(true)) {
    throw config.unsupported("sliding_window", "a positive integer where layers have a window");
  }
  const layers = windowed.map((isWindowed): LayerSpec => {
    const window = isWindowed ? config.count("sliding_window", 4096) : null;
    const rope = isWindowed ? ropes.windowed : ropes.full;
    return {
      attention: { norm, after, rope, window, scale },
      mlp: { norm, after, kind: "gated", activation },
      isParallel: false,
    };
  });
  return {
    hiddenSize,
    intermediateSize: config.count("intermediate_size"),
    ...heads,
    embedding: { scale: Math.fround(Math.sqrt(hiddenSize)), numPositions: null },
    layers,
    norm,
    qkNorm: { eps, gainOffset: 1 },
    ...attentionBiases(config),
    mlpBias: false,
    tied: config.flag("tie_word_embeddings", true),
    ...readLengths(config, 131072, [ropes.full, ropes.windowed]),
    ...LEFT_TO_RIGHT,
  };
}

/** Norms before and behind each half of a layer, stored as what is above 1; windows in most layers; scaled embeddings. */
export const gemma3Text = defineFamily({
  types: ["gemma3_text"],
  knownAs: "Gemma 3 270M and 1B",
  read,
  tensor(role, layer) {
    const { names } = llamaTensor(role, layer);
    const own = NORMS[role];
    return { names: own ? names.map((name) => name.replace(/(layers\.\d+\.).*$/, `$1${own}`)) : names };
  },
});
