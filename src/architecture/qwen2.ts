import type { ConfigFields } from "./config-fields.js";
import { defineFamily } from "./family.js";
import { fullWindows, isWindowedBy, llamaLike } from "./hub-config.js";
import { llamaTensor } from "./llama.js";

/** Windows by `use_sliding_window`: of the layers that `layer_types` names, else of those from `max_window_layers` on. */
export function qwenWindows(config: ConfigFields, numLayers: number): (number | null)[] {
  const isUsed = config.flag("use_sliding_window", false) && !config.isNull("sliding_window");
  if (!isUsed) return fullWindows(config, numLayers);
  const first = config.ids("max_window_layers")[0] ?? 28;
  return isWindowedBy(config, numLayers, (layer) => layer >= first).map((isWindowed) =>
    isWindowed ? config.count("sliding_window", 4096) : null,
  );
}

/** Biases of q, k and v are all that sets it apart from Llama. */
export const qwen2 = defineFamily({
  types: ["qwen2"],
  knownAs: "Qwen 2 and 2.5",
  read: (config) => ({
    ...llamaLike(config, { maxLength: 32768, windows: qwenWindows }),
    qkvBias: true,
    outputBias: false,
    mlpBias: false,
  }),
  tensor: llamaTensor,
});
