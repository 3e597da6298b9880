import { ModelLoadError } from "../../vocabulary/errors.js";

/** Architectures that are read, by llama.cpp's names. */
const ARCHITECTURES = [
  ...(["llama", "qwen2", "qwen3", "smollm3", "phi3", "olmo2", "gemma2", "gemma3", "gpt2", "gptneox"] as const),
] as const;

/** llama.cpp's name of an architecture. */
export type Architecture = (typeof ARCHITECTURES)[number];

/** Throws where an architecture isn't one that is read. */
export function checkArchitecture(name: unknown, label: string): Architecture {
  const known = ARCHITECTURES.find((one) => one === name);
  if (known) return known;
  throw new ModelLoadError(
    `${label} holds a model of ${typeof name === "string" ? `architecture ${JSON.stringify(name)}` : "no known architecture (no general.architecture)"}; supported are ${ARCHITECTURES.join(", ")}.`,
    "unsupported_model",
  );
}
