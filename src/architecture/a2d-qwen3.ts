import { defineFamily } from "./family.js";
import { llamaTensor } from "./llama.js";
import { readQwen3 } from "./qwen3.js";
import { readsMasks } from "./reading.js";

/** Qwen 3 trained anew to fill masks (dLLM's A2D): by blocks, or over a whole canvas. */
export const a2dQwen3 = defineFamily({
  types: ["a2d-qwen3"],
  knownAs: "Qwen 3 as a diffusion model (dLLM's `…-diffusion-bd3lm` and `…-diffusion-mdlm`)",
  fillsMasks: true,
  read: (config) => ({ ...readQwen3(config), ...readsMasks(config) }),
  tensor: llamaTensor,
});
