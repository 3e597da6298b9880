import { defineFamily } from "./family.js";
import { qwen3 } from "./qwen3.js";
import { type MaskReading, readsMasks } from "./reading.js";

const SDAR: MaskReading = { blocks: ["block_size", "block_sizes"], recipes: [4, 8, 16, 32, 64] };

/** Qwen 3 that fills blocks in place (arXiv 2510.06303). */
export const sdar = defineFamily({
  types: ["sdar"],
  knownAs: "SDAR 1.7B, 4B and 8B, on blocks of 4 to 64",
  masks: SDAR,
  read: (config) => ({ ...qwen3.read(config), ...readsMasks(config, SDAR) }),
  tensor: qwen3.tensor,
});
