import { createWriteStream, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { finished } from "node:stream/promises";
import { parseConfig } from "../../src/architecture/config.js";
import { tensorNames } from "../../src/architecture/tensors.js";

/** Qwen3-0.6B's config as dLLM's diffusion models of it have it on the hub: no mask_token_id, no block_size. */
const CONFIG = {
  architectures: ["A2DQwen3LMHeadModel"],
  model_type: "a2d-qwen3",
  attention_bias: false,
  head_dim: 128,
  hidden_act: "silu",
  hidden_size: 1024,
  intermediate_size: 3072,
  max_position_embeddings: 40960,
  num_attention_heads: 16,
  num_hidden_layers: 28,
  num_key_value_heads: 8,
  rms_norm_eps: 1e-6,
  rope_scaling: null,
  rope_theta: 1_000_000,
  tie_word_embeddings: true,
  torch_dtype: "float16",
  vocab_size: 151_936,
};

/** Qwen's special tokens, in order, and the mask that dLLM adds behind them. */
const FIRST_SPECIAL = 151_643;
const SPECIAL = [
  "<|endoftext|>",
  "<|im_start|>",
  "<|im_end|>",
  ...Array.from({ length: 23 }, (_, i) => `<|extra_${i}|>`),
  "<|mask|>",
];

/** Bytes of a shard, at least; the tensor that reaches them is its last. */
const SHARD_BYTES = 2 ** 28;

/** Numbers that are made at a time. */
const PART_VALUES = 2 ** 20;

/**
 * Writes a folder of Qwen3-0.6B's exact shape with random weights in f16, as a diffusion model's on the hub: in shards, its LM head stored
 * beside the embedding that it is tied to. The same every time, and never held whole. Says how large its weights are.
 */
export async function writeQwen3Folder(folder: string): Promise<void> {
  const index = path.join(folder, "model.safetensors.index.json");
  if (existsSync(index)) return;
  mkdirSync(folder, { recursive: true });
  const json = (name: string, value: unknown) => writeFileSync(path.join(folder, name), JSON.stringify(value));
  json("config.json", CONFIG);
  json("tokenizer.json", tokenizer());
  json("tokenizer_config.json", {
    tokenizer_class: "Qwen2Tokenizer",
    eos_token: "<|im_end|>",
    pad_token: "<|endoftext|>",
    mask_token: "<|mask|>",
    additional_special_tokens: ["<|im_start|>", "<|im_end|>"],
  });
  const architecture = parseConfig({ ...CONFIG, tie_word_embeddings: false, block_size: 32 }, {});
  // As they are saved: by name.
  const tensors = tensorNames(architecture)
    .map(({ name, shape }) => ({
      name,
      shape,
      seed: seedOf(name === "lm_head.weight" ? "model.embed_tokens.weight" : name),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const shards: (typeof tensors)[] = [[]];
  let shardBytes = 0;
  for (const tensor of tensors) {
    if (shardBytes >= SHARD_BYTES) {
      shards.push([]);
      shardBytes = 0;
    }
    shards.at(-1)?.push(tensor);
    shardBytes += 2 * lengthOf(tensor.shape);
  }
  const weight_map: Record<string, string> = {};
  const total_size = tensors.reduce((sum, { shape }) => sum + 2 * lengthOf(shape), 0);
  for (const [i, shard] of shards.entries()) {
    const number = (value: number) => String(value).padStart(5, "0");
    const name = `model-${number(i + 1)}-of-${number(shards.length)}.safetensors`;
    for (const tensor of shard) weight_map[tensor.name] = name;
    await writeShard(path.join(folder, name), shard);
  }
  // Last: with it the folder is whole.
  json("model.safetensors.index.json", { metadata: { total_size }, weight_map });
}

const lengthOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

function seedOf(name: string): number {
  let seed = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) seed = Math.imul(seed ^ name.charCodeAt(i), 0x01000193);
  return seed >>> 0;
}

async function writeShard(file: string, tensors: readonly { name: string; shape: number[]; seed: number }[]) {
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  let end = 0;
  for (const { name, shape } of tensors) {
    const begin = end;
    end += 2 * lengthOf(shape);
    header[name] = { dtype: "F16", shape, data_offsets: [begin, end] };
  }
  const json = JSON.stringify(header);
  const text = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const out = createWriteStream(file);
  out.write(length);
  out.write(text);
  for (const { shape, seed } of tensors) {
    let state = seed;
    const numValues = lengthOf(shape);
    for (let from = 0; from < numValues; from += PART_VALUES) {
      const words = new Uint16Array(Math.min(PART_VALUES, numValues - from));
      for (let i = 0; i < words.length; i++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        // Gains are near 1; of a matrix all numbers are from 2^-7 up to 2^-6, of either sign.
        words[i] = shape.length === 1 ? 0x3c00 | ((state >>> 16) & 0xff) : ((state >>> 16) & 0x83ff) | 0x2000;
      }
      if (!out.write(Buffer.from(words.buffer)))
        await new Promise<void>((resolve) => out.once("drain", () => resolve()));
    }
  }
  out.end();
  await finished(out);
}

/** A tokenizer of bytes whose other tokens stand for no text that anybody would type. */
function tokenizer(): unknown {
  const vocab: Record<string, number> = {};
  const isPlain = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let numOther = 0;
  for (let byte = 0; byte < 256; byte++) {
    vocab[String.fromCharCode(isPlain(byte) ? byte : 256 + numOther++)] = byte;
  }
  for (let id = 256; id < FIRST_SPECIAL; id++) vocab[`Ġw${id}`] = id;
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const bytes = { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false };
  return {
    version: "1.0",
    added_tokens: SPECIAL.map((content, i) => ({ id: FIRST_SPECIAL + i, content, ...flags })),
    normalizer: null,
    pre_tokenizer: bytes,
    post_processor: null,
    decoder: bytes,
    model: { type: "BPE", vocab, merges: [] },
  };
}
