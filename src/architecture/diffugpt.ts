import { defineFamily, type LayerRole, type OuterRole, type Stored } from "./family.js";
import { gpt2 } from "./gpt2.js";
import { type MaskReading, readsMasks } from "./reading.js";

const DIFFUGPT: MaskReading = { blocks: [], recipes: ["full"], isShifted: true };

/** Its wrapper has GPT-2's layers as `denoise_model`, and the table of tokens by itself, as one with the LM head. */
function tensor(role: LayerRole | OuterRole, layer: number | null): Stored {
  const own = gpt2.tensor(role, layer);
  if (role === "embedding") {
    return { names: ["embed_tokens", "denoise_model.wte", "lm_head", ...own.names, "model.transformer.wte"] };
  }
  if (role === "lmHead") return { names: ["lm_head", "model.lm_head"] };
  const plain = own.names[own.names.length - 1];
  return { ...own, names: [`denoise_model.${plain}`, ...own.names, `model.transformer.${plain}`] };
}

/** GPT-2 that reads its whole canvas and fills a position from the row before it (arXiv 2410.17891). */
export const diffugpt = defineFamily({
  types: ["diffugpt"],
  alias: { type: "gpt2", architecture: "DiscreteDiffusionModel" },
  knownAs: "DiffuGPT-S and -M",
  masks: DIFFUGPT,
  read: (config) => ({ ...gpt2.read(config), ...readsMasks(config, DIFFUGPT) }),
  tensor,
});
