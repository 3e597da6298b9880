import { expect, test } from "vitest";
import { count, text, texts, type Typed, writtenGguf } from "../../testing/written-gguf.js";
import { loadTokenizer } from "../../tokenizer/tokenizer.js";
import { loadCheckpoint } from "../checkpoint.js";
import { ggufSource } from "../gguf-source.js";
import { memorySource } from "../source.js";
import type { Tensor } from "../tensor.js";
import { widen } from "../widen.js";

const source = (metadata: Record<string, Typed>) =>
  ggufSource(memorySource(new Map([["m.gguf", writtenGguf(metadata)]]), "folder"), "m.gguf");
const id = (name: string, value: number) => ({ [`tokenizer.ggml.${name}_token_id`]: count(value) });
const VOCABULARY: Record<string, Typed> = {
  "tokenizer.ggml.model": text("gpt2"),
  "tokenizer.ggml.pre": text("llama-bpe"),
  "tokenizer.ggml.tokens": texts("<s>", "</s>", "<|im_end|>", "a", "<|mask|>", "<|eot_id|>"),
  ...{ ...id("bos", 0), ...id("eos", 1), ...id("eot", 3), ...id("mask", 4) },
};

test("Special tokens, what stands around a text, and the chat template are in tokenizer_config.json", async () => {
  const written = source({ ...VOCABULARY, "tokenizer.chat_template": text("{{ messages }}") });
  expect(await written.json("tokenizer_config.json")).toEqual({
    ...{ bos_token: "<s>", eos_token: "</s>", mask_token: "<|mask|>" },
    // Llama 3's files may leave it out.
    ...{ add_bos_token: true, add_eos_token: false, chat_template: "{{ messages }}" },
  });
  const silent = source({ ...VOCABULARY, "tokenizer.ggml.add_bos_token": [7, 0] });
  expect(await silent.json("tokenizer_config.json")).toMatchObject({ add_bos_token: false });
});

test("Several chat templates keep their names", async () => {
  const templates = {
    "tokenizer.chat_template": text("A"),
    "tokenizer.chat_templates": texts("tool_use"),
    "tokenizer.chat_template.tool_use": text("B"),
  };
  expect(await source({ ...VOCABULARY, ...templates }).json("tokenizer_config.json")).toMatchObject({
    chat_template: [
      { name: "default", template: "A" },
      { name: "tool_use", template: "B" },
    ],
  });
});

test("Every token that ends a text or a turn is in generation_config.json, with how its authors would sample", async () => {
  const plain = source(VOCABULARY);
  expect(await plain.json("generation_config.json")).toEqual({ eos_token_id: [1, 3] });
  const chat = source({
    ...VOCABULARY,
    "tokenizer.chat_template": text("A"),
    "general.sampling.temp": [6, 0.6],
    "general.sampling.top_k": count(20),
  });
  // As llama.cpp has it, which knows ends of turns by their texts.
  expect(await chat.json("generation_config.json")).toEqual({
    eos_token_id: [1, 3, 5, 2],
    do_sample: true,
    temperature: 0.6,
    top_k: 20,
  });
});

test("What fills a vocabulary up to the rows of its matrix is no token", async () => {
  const tokens = texts("a", "b", "ab", "<x>", "[PAD4]", "[PAD5]");
  const file = source({
    ...VOCABULARY,
    ...{ "tokenizer.ggml.tokens": tokens, "tokenizer.ggml.merges": texts("a b") },
    "tokenizer.ggml.token_type": [9, 5, [1, 1, 1, 4, 5, 5]],
    "tokenizer.ggml.add_bos_token": [7, 0],
  });
  const tokenizer = loadTokenizer(await file.json("tokenizer.json"), await file.json("tokenizer_config.json"));
  expect(tokenizer.vocabSize).toBe(4);
  expect(tokenizer.promptIds("ab<x>")).toEqual([2, 3]);
});

test.each([
  [2, 32],
  [3, 8],
  [3, 128],
])("Version %i, with values at multiples of %i bytes, is read", async (version, alignment) => {
  const values = Float32Array.of(1, -2, 3.5);
  const tensor = { name: "output_norm.weight", type: 0, shape: [3], bytes: new Uint8Array(values.buffer) };
  const metadata = {
    "general.architecture": text("llama"),
    "general.alignment": count(alignment),
    "llama.attention.head_count": count(1),
  };
  const file = writtenGguf(metadata, [{ ...tensor, name: "token_embd.weight" }, tensor], { version, alignment });
  const tensors = await loadCheckpoint(ggufSource(memorySource(new Map([["m.gguf", file]])), "m.gguf"));
  expect(widen(tensors.get("model.norm.weight") as Tensor)).toEqual(values);
});

test("A file that has no vocabulary, and a name that it doesn't stand for, are missing as in a folder", async () => {
  const bare = source({ "tokenizer.ggml.model": text("none") });
  expect(await bare.has("tokenizer.json")).toBe(false);
  for (const name of ["tokenizer.json", "onnx/model.onnx", "model.safetensors.index.json"]) {
    await expect(bare.json(name)).rejects.toMatchObject({ code: "missing_file" });
    await expect(bare.json(name)).rejects.toThrow(`${name} is missing in folder/m.gguf: it is one GGUF file.`);
  }
});
