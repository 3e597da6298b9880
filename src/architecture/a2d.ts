import { defineFamily, type Family } from "./family.js";
import { llama } from "./llama.js";
import { qwen2 } from "./qwen2.js";
import { qwen3 } from "./qwen3.js";
import { type MaskReading, readsMasks } from "./reading.js";

/** dLLM trains on blocks of 32 (bd3lm) or on the whole canvas (mdlm); a folder on the hub doesn't say which. */
const A2D: MaskReading = { blocks: ["block_size", "block_sizes"], recipes: [32, "full"] };

/** A family's models trained anew to fill masks (dLLM's A2D, arXiv 2602.22661): its config and tensors, read in both directions. */
function adapted({ types: [type], read, tensor }: Family, knownAs: string): Family {
  return defineFamily({
    types: [`a2d-${type}`],
    knownAs,
    masks: A2D,
    read: (config) => ({ ...read(config), ...readsMasks(config, A2D) }),
    tensor,
  });
}

/** Qwen 3 as a diffusion model. */
export const a2dQwen3 = adapted(
  qwen3,
  "Qwen 3 as a diffusion model (dLLM's `…-diffusion-bd3lm` and `…-diffusion-mdlm`)",
);

/** Qwen 2.5 as a diffusion model. */
export const a2dQwen2 = adapted(qwen2, "Qwen 2.5 as a diffusion model (dLLM's Qwen2.5-Coder `…-diffusion-…`)");

/** Llama as a diffusion model. */
export const a2dLlama = adapted(llama, "Llama as a diffusion model (dLLM's `a2d`)");
