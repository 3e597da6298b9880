import type { ConfigFields } from "./config-fields.js";
import { defineFamily } from "./family.js";
import { attentionBiases, isWindowedBy, llamaLike } from "./hub-config.js";
import { llamaTensor } from "./llama.js";

/** `no_rope_layers` has a 1 for each layer that does rotate; without it every `no_rope_layer_interval`th (4) doesn't. */
function rotates(config: ConfigFields, numLayers: number): boolean[] {
  const given = config.ids("no_rope_layers");
  const interval = config.count("no_rope_layer_interval", 4);
  const isGiven = config.has("no_rope_layers") && !config.isNull("no_rope_layers");
  if (isGiven && given.length < numLayers) {
    throw config.unsupported("no_rope_layers", `one entry for each of the ${numLayers} layers`);
  }
  return Array.from({ length: numLayers }, (_, layer) => (isGiven ? given[layer] !== 0 : (layer + 1) % interval !== 0));
}

/** Windows by `use_sliding_window`: of the layers that `layer_types` names, else of those that don't rotate. */
function windows(config: ConfigFields, numLayers: number): (number | null)[] {
  const isUsed = config.flag("use_sliding_window", false) && config.optionalNumber("sliding_window") !== null;
  const rotated = rotates(config, numLayers);
  return isWindowedBy(config, numLayers, (layer) => !rotated[layer]).map((isWindowed) =>
    isUsed && isWindowed ? config.count("sliding_window") : null,
  );
}

/** Llama with layers that know no positions. */
export const smollm3 = defineFamily({
  types: ["smollm3"],
  knownAs: "SmolLM 3",
  read: (config) => ({
    ...llamaLike(config, {
      maxLength: 32768,
      windows,
      rotates,
      numKeyValueHeads: 4,
      rope: { theta: 2e6 },
      isTied: true,
    }),
    ...attentionBiases(config),
    mlpBias: config.flag("mlp_bias", false),
  }),
  tensor: llamaTensor,
});
