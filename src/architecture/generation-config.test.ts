import { expect, it } from "vitest";
import { ModelLoadError } from "../vocabulary/errors.js";
import { parseGenerationConfig } from "./generation-config.js";

it("takes what Hugging Face would take, by the options' names", () => {
  // Qwen2.5's.
  const qwen = {
    do_sample: true,
    temperature: 0.7,
    top_p: 0.8,
    top_k: 20,
    repetition_penalty: 1.05,
    eos_token_id: [1],
  };
  expect(parseGenerationConfig(qwen)).toEqual({
    temperature: 0.7,
    top_p: 0.8,
    top_k: 20,
    repetition_penalty: 1.05,
    ignored: [],
  });
  expect(parseGenerationConfig({ do_sample: true })).toEqual({ temperature: 1, ignored: [] });
  expect(parseGenerationConfig({ temperature: 0.7 }).temperature).toBeUndefined();
  expect(parseGenerationConfig({ max_length: "64", max_new_tokens: null, stop_strings: "###" })).toEqual({
    max_length: 64,
    stop: ["###"],
    ignored: [],
  });
});

it("names what there is no option for, unless it leaves the text as it is", () => {
  const idle = { num_beams: 1, typical_p: 1.0, no_repeat_ngram_size: 0, suppress_tokens: [], min_length: 0 };
  expect(parseGenerationConfig(idle).ignored).toEqual([]);
  expect(parseGenerationConfig({ num_beams: 4, no_repeat_ngram_size: 3, begin_suppress_tokens: [7] }).ignored).toEqual([
    "num_beams",
    "no_repeat_ngram_size",
    "begin_suppress_tokens",
  ]);
});

it("takes the ids that no text holds, of words those of one token alone", () => {
  expect(parseGenerationConfig({ suppress_tokens: [7, 9], bad_words_ids: [[4]] })).toEqual({
    suppress: [7, 9, 4],
    ignored: [],
  });
  expect(parseGenerationConfig({ bad_words_ids: [[4], [5, 6]] })).toEqual({
    suppress: [4],
    ignored: ["bad_words_ids of several tokens"],
  });
});

it("refuses fields of another kind by the file's name", () => {
  for (const json of [
    [],
    { top_p: "most" },
    { do_sample: "maybe" },
    { bad_words_ids: [4] },
    { suppress_tokens: ["a"] },
  ]) {
    expect(() => parseGenerationConfig(json)).toThrow(ModelLoadError);
    expect(() => parseGenerationConfig(json)).toThrow(/^generation_config\.json/);
  }
});
