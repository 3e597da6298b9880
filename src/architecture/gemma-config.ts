import type { FoldedRms, LayerSpec, PlainNorm, RopeSpec } from "./architecture.js";
import type { ConfigFields } from "./config-fields.js";
import type { FamilyConfig } from "./family.js";
import { attentionBiases, isWindowedBy, readActivation, readHeads } from "./hub-config.js";
import { llamaTensorBy } from "./llama.js";
import { LEFT_TO_RIGHT } from "./reading.js";
import { readLengths } from "./rope.js";

/** How one Gemma differs from another. */
export interface GemmaLike {
  maxLength: number;
  /** Every so-manieth layer sees all, the others a window, where `layer_types` doesn't say. */
  pattern: number;
  /** Rotations of layers that see all, and of those with a window. */
  ropes(headDim: number): { full: RopeSpec | null; windowed: RopeSpec | null };
  hasQkNorm: boolean;
  /** Bounds of scores and of logits where the config doesn't say them; null: none. */
  softCaps: { scores: number | null; logits: number | null };
}

/** A soft cap, or null where there is none. */
function readCap(config: ConfigFields, field: string, fallback: number | null): number | null {
  return config.has(field) ? config.optionalNumber(field) : fallback;
}

/** What Gemmas have in common: gains above 1, norms on both sides of each half of a layer, windows in some, scaled embeddings. */
export function gemmaLike(
  config: ConfigFields,
  { maxLength, pattern, ropes: ropesOf, hasQkNorm, softCaps }: GemmaLike,
): FamilyConfig {
  if (config.flag("use_bidirectional_attention", false)) {
    throw config.unsupported("use_bidirectional_attention", "false");
  }
  const hiddenSize = config.count("hidden_size");
  const numLayers = config.layers("num_hidden_layers");
  const heads = readHeads(config, { headDim: () => 256, numKeyValueHeads: 4 });
  const eps = config.optionalNumber("rms_norm_eps") ?? 1e-6;
  const norm: FoldedRms = { way: "folded", eps, gainOffset: 1 };
  const after: PlainNorm = { way: "plain", kind: "rms", eps, gainOffset: 1, hasBias: false };
  const scale = (config.optionalNumber("query_pre_attn_scalar") ?? 256) ** -0.5;
  const activation = readActivation(config, "hidden_activation", "gelu_pytorch_tanh");
  const ropes = ropesOf(heads.headDim);
  const windowed = isWindowedBy(config, numLayers, (layer) => (layer + 1) % pattern !== 0);
  if (config.isNull("sliding_window") && windowed.includes(true)) {
    throw config.unsupported("sliding_window", "a positive integer where layers have a window");
  }
  const scoreCap = readCap(config, "attn_logit_softcapping", softCaps.scores);
  const logitCap = readCap(config, "final_logit_softcapping", softCaps.logits);
  const layers = windowed.map((isWindowed): LayerSpec => {
    const window = isWindowed ? config.count("sliding_window", 4096) : null;
    const rope = isWindowed ? ropes.windowed : ropes.full;
    return {
      attention: { norm, after, rope, window, scale, ...(scoreCap === null ? {} : { softCap: scoreCap }) },
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
    qkNorm: hasQkNorm ? { eps, gainOffset: 1 } : null,
    ...attentionBiases(config),
    mlpBias: false,
    ...(logitCap === null ? {} : { logitSoftCap: logitCap }),
    tied: config.flag("tie_word_embeddings", true),
    ...readLengths(config, maxLength, [ropes.full, ropes.windowed]),
    ...LEFT_TO_RIGHT,
  };
}

/** Gemma's names of the norms on each side of a feed-forward block, and behind the attention. */
export const gemmaTensor = llamaTensorBy({
  "attention.after": "post_attention_layernorm",
  "mlp.norm": "pre_feedforward_layernorm",
  "mlp.after": "post_feedforward_layernorm",
});
