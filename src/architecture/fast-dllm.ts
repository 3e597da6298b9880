import { defineFamily, type LayerRole, type OuterRole, type Stored } from "./family.js";
import { llamaTensor } from "./llama.js";
import { qwen2 } from "./qwen2.js";
import { type MaskReading, readsMasks } from "./reading.js";

const FAST_DLLM: MaskReading = { blocks: ["bd_size"], recipes: [32], silent: 32, isShifted: true };

/** Llama's names, and those behind one wrapper more. */
function tensor(role: LayerRole | OuterRole, layer: number | null): Stored {
  const { names } = llamaTensor(role, layer);
  return { names: [...names, `model.${names[0]}`] };
}

/** Qwen 2.5 that fills blocks from the rows before (Fast-dLLM v2, arXiv 2509.26328). */
export const fastDllm = defineFamily({
  types: ["Fast_dLLM_Qwen"],
  knownAs: "Fast-dLLM v2 1.5B and 7B",
  masks: FAST_DLLM,
  read: (config) => ({ ...qwen2.read(config), ...readsMasks(config, FAST_DLLM) }),
  tensor,
});
