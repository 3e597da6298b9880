import type { GenerationDefaults } from "../seam/generation-defaults.js";
import { ConfigFields } from "./config-fields.js";

/** Fields that change the text, with the values by which they don't. */
const UNKNOWN: Record<string, readonly unknown[]> = {
  num_beams: [1],
  num_beam_groups: [1],
  penalty_alpha: [0],
  typical_p: [1],
  epsilon_cutoff: [0],
  eta_cutoff: [0],
  diversity_penalty: [0],
  encoder_repetition_penalty: [1],
  no_repeat_ngram_size: [0],
  encoder_no_repeat_ngram_size: [0],
  min_length: [0],
  min_new_tokens: [0],
  guidance_scale: [1],
  force_words_ids: [],
  sequence_bias: [],
  begin_suppress_tokens: [],
  forced_bos_token_id: [],
  forced_eos_token_id: [],
  exponential_decay_length_penalty: [],
  watermarking_config: [],
};

/** Whether a value, as JSON has it, leaves a text as it is. */
function isIdle(value: unknown, idle: readonly unknown[]): boolean {
  return value === null || value === undefined || idle.includes(value) || (Array.isArray(value) && value.length === 0);
}

/** The defaults in a parsed `generation_config.json`. Throws `ModelLoadError` for a field of another kind. */
export function parseGenerationConfig(json: unknown): GenerationDefaults {
  const fields = new ConfigFields(json, "", "generation_config.json");
  const isSampling = fields.flag("do_sample", false);
  const temperature = fields.numeral("temperature") ?? 1;
  const one = fields.name("stop_strings");
  const words = fields.idLists("bad_words_ids");
  const suppress = [...fields.ids("suppress_tokens"), ...words.flatMap((ids) => (ids.length === 1 ? ids : []))];
  const all: Omit<GenerationDefaults, "ignored"> = {
    temperature: isSampling ? temperature : undefined,
    top_k: fields.numeral("top_k"),
    top_p: fields.numeral("top_p"),
    min_p: fields.numeral("min_p"),
    repetition_penalty: fields.numeral("repetition_penalty"),
    max_new_tokens: fields.numeral("max_new_tokens"),
    max_length: fields.numeral("max_length"),
    stop: one === null ? (fields.texts("stop_strings") ?? undefined) : [one],
    suppress: suppress.length > 0 ? suppress : undefined,
  };
  const record = json as Record<string, unknown>;
  const ignored = Object.keys(UNKNOWN).filter((name) => !isIdle(record[name], UNKNOWN[name]));
  if (words.some(({ length }) => length > 1)) ignored.push("bad_words_ids of several tokens");
  const given = Object.entries(all).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), ignored };
}
