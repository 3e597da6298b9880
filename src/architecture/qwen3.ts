import type { ConfigFields } from "./config-fields.js";
import { defineFamily, type FamilyConfig } from "./family.js";
import { attentionBiases, llamaLike } from "./hub-config.js";
import { llamaTensor } from "./llama.js";
import { qwenWindows } from "./qwen2.js";

function read(config: ConfigFields): FamilyConfig {
  return {
    ...llamaLike(config, { maxLength: 32768, headDim: () => 128, windows: qwenWindows, hasQkNorm: true }),
    ...attentionBiases(config),
    mlpBias: false,
  };
}

/** Norms of q and k, and heads whose size is a number of its own. */
export const qwen3 = defineFamily({
  types: ["qwen3"],
  knownAs: "Qwen 3",
  read,
  tensor: llamaTensor,
});
