import { gptNeox } from "./gpt-neox.js";
import { gpt2 } from "./gpt2.js";
import { gemma2 } from "./gemma2.js";
import { gemma3Text } from "./gemma3-text.js";
import { smollm3 } from "./smollm3.js";
import { mistral } from "./mistral.js";
import { a2dLlama, a2dQwen2, a2dQwen3 } from "./a2d.js";
import { diffugpt } from "./diffugpt.js";
import { bd3lm, mdlm } from "./dit.js";
import { dream } from "./dream.js";
import { fastDllm } from "./fast-dllm.js";
import { llada } from "./llada.js";
import { sdar } from "./sdar.js";
import { wedlm } from "./wedlm.js";
import type { Family } from "./family.js";
import { llama } from "./llama.js";
import { qwen2 } from "./qwen2.js";
import { olmo2 } from "./olmo2.js";
import { phi3 } from "./phi3.js";
import { qwen3 } from "./qwen3.js";

/** Every family that can be loaded: a new one is a file and a line here. */
export const FAMILIES: readonly Family[] = [
  llama,
  qwen2,
  qwen3,
  a2dQwen3,
  a2dQwen2,
  a2dLlama,
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

/** The family of a `model_type`, if it is known. */
export function familyOf(modelType: string): Family | undefined {
  return FAMILIES.find(({ types }) => types.includes(modelType));
}

/** The family whose configs have this `model_type` of another family's. */
export function aliasOf(modelType: string): Family | undefined {
  return FAMILIES.find(({ alias }) => alias?.type === modelType);
}

/** Every `model_type` that is known. */
export function knownTypes(): string[] {
  return FAMILIES.flatMap(({ types }) => types);
}
