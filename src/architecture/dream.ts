import { defineFamily } from "./family.js";
import { type MaskReading, readsMasks } from "./reading.js";
import { qwen2 } from "./qwen2.js";

const DREAM: MaskReading = { blocks: [], recipes: ["full"], isShifted: true };

/** Qwen 2.5 that reads its whole canvas and fills a position from the row before it (arXiv 2508.15487). */
export const dream = defineFamily({
  types: ["Dream"],
  knownAs: "Dream, Dream-Coder, DiffuCoder",
  masks: DREAM,
  read: (config) => ({ ...qwen2.read(config), ...readsMasks(config, DREAM) }),
  tensor: qwen2.tensor,
});
