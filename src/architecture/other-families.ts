// Families that none of the package's own models has, and what else only their configs name: loaded with the first of these.
import { diffugpt } from "./diffugpt.js";
import { bd3lm, mdlm } from "./dit.js";
import { dream } from "./dream.js";
import type { Family } from "./family.js";
import { fastDllm } from "./fast-dllm.js";
import { gemma2 } from "./gemma2.js";
import { gemma3Text } from "./gemma3-text.js";
import { gpt2 } from "./gpt2.js";
import { gptNeox } from "./gpt-neox.js";
import { llada } from "./llada.js";
import { mistral } from "./mistral.js";
import { olmo2 } from "./olmo2.js";
import { phi3 } from "./phi3.js";
import { sdar } from "./sdar.js";
import { smollm3 } from "./smollm3.js";
import { wedlm } from "./wedlm.js";

/** Why a model isn't run. */
export { refusal } from "./refused.js";
/** Rotations that are scaled. */
export { SCALINGS } from "./rope-scalings.js";

/** A new family is a file and a line here. */
export const OTHER_FAMILIES: readonly Family[] = [
  mistral,
  smollm3,
  gemma3Text,
  gpt2,
  gptNeox,
  phi3,
  olmo2,
  gemma2,
  llada,
  dream,
  sdar,
  fastDllm,
  wedlm,
  diffugpt,
  mdlm,
  bd3lm,
];
