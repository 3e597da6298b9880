import type { RopeSpec } from "./architecture.js";
import { ConfigFields } from "./config-fields.js";
import { defineFamily } from "./family.js";
import { gemmaLike, gemmaTensor } from "./gemma-config.js";
import { checkWholeRope, ropeFields, ropeOf } from "./rope.js";

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

/** Norms of q and k; windows in most layers, with a rotation of their own. */
export const gemma3Text = defineFamily({
  types: ["gemma3_text"],
  knownAs: "Gemma 3 270M and 1B",
  read: (config) =>
    gemmaLike(config, {
      maxLength: 131072,
      pattern: config.count("sliding_window_pattern", config.count("_sliding_window_pattern", 6)),
      ropes: (headDim) => readRopes(config, headDim),
      hasQkNorm: true,
      softCaps: { scores: null, logits: null },
    }),
  tensor: gemmaTensor,
});
