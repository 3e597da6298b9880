import type { Metadata } from "./metadata.js";

/** Tokens that end a turn, by their texts: files of chat models often name one alone. llama.cpp knows them so. */
const TURN_ENDS = ["<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|eom_id|>"];

/** Our names of what `general.sampling` may say. */
const SAMPLING: Readonly<Record<string, string>> = {
  temp: "temperature",
  top_k: "top_k",
  top_p: "top_p",
  min_p: "min_p",
  penalty_repeat: "repetition_penalty",
};

/** The generation_config.json of a file: every token that ends a text, and how its authors would have it sampled. */
export function generationConfigOf(metadata: Metadata): Record<string, unknown> {
  const ends = ["eos", "eot", "eom"].map((name) => metadata.optionalCount(`tokenizer.ggml.${name}_token_id`));
  const tokens = metadata.texts("tokenizer.ggml.tokens") ?? [];
  const isChat = metadata.has("tokenizer.chat_template");
  const turnEnds = isChat ? TURN_ENDS.map((token) => tokens.indexOf(token)).filter((id) => id >= 0) : [];
  const sampling = Object.entries(SAMPLING).flatMap(([key, name]) => {
    const value = metadata.number(`general.sampling.${key}`);
    return value === null ? [] : [[name, value] as const];
  });
  return {
    eos_token_id: [...new Set([...ends.filter((id) => id !== null), ...turnEnds])],
    ...(sampling.length > 0 ? { do_sample: true, ...Object.fromEntries(sampling) } : {}),
  };
}
