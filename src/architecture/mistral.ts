import type { ConfigFields } from "./config-fields.js";
import { defineFamily } from "./family.js";
import { llamaLike, readLayerTypes } from "./hub-config.js";
import { llamaTensor } from "./llama.js";

/** One window for all layers, 4,096 unless the config says another or null. */
function windows(config: ConfigFields, numLayers: number): (number | null)[] {
  const window = config.isNull("sliding_window") ? null : config.count("sliding_window", 4096);
  readLayerTypes(config, numLayers, [window === null ? "full_attention" : "sliding_attention"]);
  return Array<number | null>(numLayers).fill(window);
}

/** Llama with a window in every layer. */
export const mistral = defineFamily({
  types: ["mistral"],
  knownAs: "Mistral 7B, Zephyr",
  read: (config) => ({
    ...llamaLike(config, { maxLength: 131072, windows, numKeyValueHeads: 8 }),
    qkvBias: false,
    outputBias: false,
    mlpBias: false,
  }),
  tensor: llamaTensor,
});
