import { defineFamily } from "./family.js";
import { fullWindows, llamaLike } from "./hub-config.js";
import { llamaTensor } from "./llama.js";
import { type MaskReading, readsMasks } from "./reading.js";

const WEDLM: MaskReading = { blocks: [], recipes: [], isCausal: true };

/** Qwen that reads from left to right and fills masks in place (arXiv 2512.22737): the decoder `window-diffusion` reads them last. */
export const wedlm = defineFamily({
  types: ["wedlm"],
  knownAs: "WeDLM 7B and 8B",
  masks: WEDLM,
  read(config) {
    const hasQkNorm = config.flag("qk_norm", false);
    return {
      ...llamaLike(config, { maxLength: 16384, windows: fullWindows, hasQkNorm }),
      qkvBias: config.flag("attention_bias", true),
      outputBias: false,
      mlpBias: false,
      ...readsMasks(config, WEDLM),
    };
  },
  tensor: llamaTensor,
});
