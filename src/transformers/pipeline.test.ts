import { describe, expect, it, vi } from "vitest";
import type { DoneEvent, Edit } from "../vocabulary/events.js";
import type { LanguageModel } from "../worker/language-model.js";
import type { RunEvent } from "../worker/run-events.js";
import { GENERATE_OPTIONS, type GenerateOption, readOptions } from "./generate-options.js";
import { type PipelineCallOptions, pipeline } from "./pipeline.js";
import { runText } from "./run-text.js";
import { TextStreamer } from "./text-streamer.js";

const call = { defaults: {}, numPromptTokens: 5 };

/** A model that writes the tokens 10, 11, 12 behind any prompt, the last two of them out of order, and keeps what it was asked. */
function model(generation: LanguageModel["generation"] = {}) {
  const asked: { prompt: unknown; options: Record<string, unknown> }[] = [];
  const insert = (
    slot: number,
    after: number | null,
    token: number | null,
    state: "prompt" | "mask" | "committed",
  ): Edit => ({
    op: "insert",
    slot,
    after,
    token,
    state,
  });
  const write = (slot: number, token: number): Edit => ({ op: "write", slot, token, state: "committed" });
  async function* generate(
    given: readonly number[] | { messages: unknown[] },
    options: { signal?: AbortSignal },
  ): AsyncGenerator<RunEvent> {
    asked.push({ prompt: given, options: { ...options } });
    const prompt = "messages" in given ? [7] : given;
    const at = prompt.length;
    const edits = prompt.map((id, i) => insert(i, i ? i - 1 : null, id, "prompt"));
    yield { type: "start", edits, text: "" } as unknown as RunEvent;
    const masks = [0, 1, 2].map((i) => insert(at + i, at + i - 1, null, "mask"));
    yield { type: "step", edits: [...masks, write(at, 10)], text: " a" } as unknown as RunEvent;
    if (options.signal?.aborted)
      return yield { type: "done", text: " a", ids: [10], reason: "cancelled" } as unknown as DoneEvent;
    yield { type: "step", edits: [write(at + 2, 12)], text: " a" } as unknown as RunEvent;
    yield { type: "step", edits: [write(at + 1, 11)], text: " abc" } as unknown as RunEvent;
    yield { type: "done", text: " abc", ids: [10, 11, 12], reason: "length" } as unknown as DoneEvent;
  }
  const tokenize = async (text: string | object, { special = false } = {}) => [
    ...(special ? [1] : []),
    ...Array.from(typeof text === "string" ? text : "?", () => 7),
  ];
  const fake = { generation, generate, tokenize, detokenize: async () => "?", dispose: async () => {} };
  return { model: fake as unknown as LanguageModel, asked };
}

describe("readOptions", () => {
  it("takes Hugging Face's names for what they mean", () => {
    const read = (given: Record<string, unknown>, defaults = {}) => readOptions(given, { ...call, defaults });
    expect(read({ do_sample: false })).toEqual({ temperature: 0 });
    expect(read({ do_sample: false, temperature: 1 })).toEqual({ temperature: 0 });
    expect(read({ temperature: 1, do_sample: false })).toEqual({ temperature: 0 });
    expect(read({ do_sample: true })).toEqual({ temperature: 1, top_k: 50 });
    expect(read({ do_sample: true, temperature: 0.7, top_k: 8 })).toEqual({ temperature: 0.7, top_k: 8 });
    expect(read({ do_sample: true }, { temperature: 0.6, top_k: 20 })).toEqual({ temperature: 0.6 });
    expect(read({})).toEqual({});
    expect(read({ max_length: 12 })).toEqual({ max_new_tokens: 7 });
    expect(read({ max_length: 3 })).toEqual({ max_new_tokens: 0 });
    expect(read({ max_length: 12, max_new_tokens: 3 })).toEqual({ max_new_tokens: 3 });
    expect(read({ penalty_alpha: 0.6, top_k: 4 })).toEqual({ decoder: "contrastive", penalty_alpha: 0.6, top_k: 4 });
    expect(read({ prompt_lookup_num_tokens: 5 })).toMatchObject({ decoder: "speculative", drafter: "prompt-lookup" });
    const draft = model().model;
    expect(read({ assistant_model: { model: draft } })).toEqual({ decoder: "speculative", draft });
    expect(read({ assistant_model: draft, num_assistant_tokens: 3 })).toMatchObject({ draft, num_assistant_tokens: 3 });
    expect(read({ seed: 3, top_p: null, min_p: undefined })).toEqual({ seed: 3 });
  });

  it("refuses what it can't honour, by name, whatever transformers.js does with it", () => {
    const refused = {
      ...{
        num_beams: 4,
        num_return_sequences: 2,
        typical_p: 0.5,
        no_repeat_ngram_size: 2,
        min_new_tokens: 3,
        use_cache: false,
      },
      ...{
        eos_token_id: 2,
        pad_token_id: 0,
        bad_words_ids: [[4]],
        logits_processor: [],
        return_dict_in_generate: true,
      },
      ...{ do_sample: "yes", guidance_scale: 3, renormalize_logits: false, output_scores: true },
    };
    for (const [name, value] of Object.entries(refused)) {
      expect(() => readOptions({ [name]: value }, call), name).toThrow(new RegExp(`^${name}: `));
    }
    expect(() => readOptions({ do_sample: false, temperature: 0.7 }, call)).toThrow(/^temperature: 0.7 .*do_sample/);
  });

  it("lets what changes nothing stand, as Hugging Face's own defaults", () => {
    expect(readOptions({ num_beams: 1, use_cache: true, penalty_alpha: 0, guidance_scale: 1 }, call)).toEqual({});
  });

  it("says of each option what happens to it there and here", () => {
    for (const [name, { there, here }] of Object.entries<GenerateOption>(GENERATE_OPTIONS)) {
      expect(there && here, name).toMatch(/\w/);
    }
  });
});

describe("pipeline", () => {
  const write = async (given: PipelineCallOptions = {}, held = model()) => {
    const generator = await pipeline("text-generation", held.model);
    return { output: await generator("ab", given), ...held };
  };

  it("writes on from a text, whole or alone, with the tokens of a prompt", async () => {
    const { output, asked } = await write({ seed: 1 });
    expect(output).toEqual([{ generated_text: "ab abc" }]);
    expect(asked[0]).toMatchObject({ prompt: [1, 7, 7], options: { max_new_tokens: 256, seed: 1 } });
    expect((await write({ return_full_text: false, max_new_tokens: 3 })).output).toEqual([{ generated_text: " abc" }]);
  });

  it("writes one text after another of a list", async () => {
    const generator = await pipeline("text-generation", model().model);
    expect(await generator(["a", "b"])).toEqual([[{ generated_text: "a abc" }], [{ generated_text: "b abc" }]]);
  });

  it("answers a chat by the template of the tokenizer that it was given, else by the folder's own", async () => {
    const { model: held, asked } = model();
    const apply = vi.fn((messages: { content: string }[]) => `<|${messages[0].content}|>`);
    const generator = await pipeline("text-generation", held, { tokenizer: { apply_chat_template: apply } });
    const [{ generated_text: chat }] = await generator([{ role: "user", content: "x" }], { tools: null });
    expect(chat).toEqual([
      { role: "user", content: "x" },
      { role: "assistant", content: " abc" },
    ]);
    expect(apply.mock.calls[0].slice(1)).toEqual([{ tokenize: false, add_generation_prompt: true, tools: null }]);
    // No BOS of ours before the template's.
    expect(asked[0].prompt).toEqual([7, 7, 7, 7, 7]);
    const without = await pipeline("text-generation", held);
    const [{ generated_text: own }] = await without([{ role: "user", content: "xy" }], { tools: [] });
    expect(own[1]).toEqual({ role: "assistant", content: " abc" });
    expect(asked[1].prompt).toEqual({ messages: [{ role: "user", content: "xy" }], tools: [] });
  });

  it("refuses other tasks, places and roundings by name", async () => {
    const { model: held } = model();
    await expect(pipeline("fill-mask" as never, held)).rejects.toThrow(/fill-mask/);
    await expect(pipeline("text-generation", "/m/", { dtype: "q3" as never })).rejects.toThrow(
      /^dtype: "q3" .*fp32, fp16/,
    );
    await expect(pipeline("text-generation", "/m/", { device: "cpu" as never })).rejects.toThrow(
      /^device can't be "cpu"/,
    );
    const generator = await pipeline("text-generation", held);
    await expect(generator(7 as never)).rejects.toThrow(/A prompt is/);
  });
});

describe("a streamer", () => {
  const prompt = { ids: [1, 7], text: "ab" };

  it("gets pieces that join to the text, in its order, and the ids that became certain with them", async () => {
    const [texts, ids]: [string[], number[][]] = [[], []];
    const options = {
      callback_function: (text: string) => void texts.push(text),
      token_callback_function: (added: bigint[]) => void ids.push(added.map(Number)),
    };
    await runText(model().model, prompt, { streamer: new TextStreamer(null, options) });
    expect([texts, ids]).toEqual([
      ["ab", " a", "bc"],
      [[1, 7], [10], [11, 12]],
    ]);
    texts.length = 0;
    await runText(model().model, prompt, { streamer: new TextStreamer(null, { ...options, skip_prompt: true }) });
    expect(texts).toEqual([" a", "bc"]);
  });

  it("of transformers.js gets the prompt's ids first, then one id at a time, then the end", async () => {
    const calls: unknown[] = [];
    const streamer = { put: (ids: bigint[][]) => void calls.push(ids), end: () => void calls.push("end") };
    await runText(model().model, prompt, { streamer });
    expect(calls).toEqual([[[1n, 7n]], [[10n]], [[11n]], [[12n]], "end"]);
  });

  it("is refused where it is none", async () => {
    await expect(runText(model().model, prompt, { streamer: {} as never })).rejects.toThrow(/^streamer: /);
  });
});

describe("stopping_criteria", () => {
  it("ends the run when it is interrupted, with the text so far", async () => {
    const criteria = { interrupted: false };
    const streamer = new TextStreamer(null, {
      callback_function: (text) => {
        criteria.interrupted = text === " a";
      },
    });
    const done = await runText(model().model, { ids: [1], text: "" }, { streamer, stopping_criteria: [criteria] });
    expect(done).toMatchObject({ reason: "cancelled", text: " a" });
  });

  it("is refused where it is anything else", async () => {
    const run = runText(model().model, { ids: [1], text: "" }, { stopping_criteria: (() => [true]) as never });
    await expect(run).rejects.toThrow(/^stopping_criteria: /);
  });
});
