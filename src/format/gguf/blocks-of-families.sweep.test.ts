import { expect, test } from "vitest";
import { parseConfig } from "../../architecture/config.js";
import { openWeights } from "../../architecture/open-weights.js";
import { count, text, type Typed, writtenGguf, type WrittenTensor } from "../../testing/written-gguf.js";
import { openCheckpoint } from "../checkpoint.js";
import { ggufSource } from "../gguf-source.js";
import { memorySource } from "../source.js";
import { byteLengthOf, type BlockDtype, type Tensor } from "../tensor.js";
import { widen } from "../widen.js";
import { BLOCK_FORMATS } from "../block-codes.js";

const [SIZE, HEADS, KEY_HEADS, FEED, VOCAB] = [256, 4, 2, 512, 40];
const HEAD = SIZE / HEADS;
const [Q, KV] = [HEADS * HEAD, KEY_HEADS * HEAD];

type Shapes = Record<string, readonly number[]>;
const shared: Shapes = {
  "token_embd.weight": [VOCAB, SIZE],
  "output_norm.weight": [SIZE],
  "output.weight": [VOCAB, SIZE],
};
const gated: Shapes = {
  "blk.0.ffn_norm.weight": [SIZE],
  "blk.0.ffn_gate.weight": [FEED, SIZE],
  "blk.0.ffn_up.weight": [FEED, SIZE],
  "blk.0.ffn_down.weight": [SIZE, FEED],
};
const plain: Shapes = Object.fromEntries(
  Object.entries<number[]>({
    attn_norm: [SIZE],
    attn_qkv: [3 * SIZE, SIZE],
    attn_output: [SIZE, SIZE],
    ffn_norm: [SIZE],
    ffn_up: [FEED, SIZE],
    ffn_down: [SIZE, FEED],
  }).flatMap(([part, shape]) => [
    [`blk.0.${part}.weight`, shape],
    [`blk.0.${part}.bias`, [shape[0]]],
  ]),
);

/** Every way in which a family's rows or columns lie otherwise than in llama.cpp's files, or several of its matrices in one. */
const FAMILIES: Record<string, Shapes> = {
  llama: {
    ...shared,
    ...gated,
    "blk.0.attn_norm.weight": [SIZE],
    "blk.0.attn_q.weight": [Q, SIZE],
    "blk.0.attn_k.weight": [KV, SIZE],
    "blk.0.attn_v.weight": [KV, SIZE],
    "blk.0.attn_output.weight": [SIZE, Q],
  },
  phi3: {
    ...shared,
    ...gated,
    "blk.0.ffn_up.weight": [2 * FEED, SIZE],
    "blk.0.attn_norm.weight": [SIZE],
    "blk.0.attn_qkv.weight": [Q + 2 * KV, SIZE],
    "blk.0.attn_output.weight": [SIZE, Q],
  },
  gptneox: { ...shared, "output_norm.bias": [SIZE], ...plain },
  gpt2: { ...shared, "output_norm.bias": [SIZE], "position_embd.weight": [32, SIZE], ...plain },
};
delete (FAMILIES.phi3 as Record<string, unknown>)["blk.0.ffn_gate.weight"];

function metadataOf(family: string): Record<string, Typed> {
  const own: Record<string, Typed> = {
    ...{
      embedding_length: count(SIZE),
      block_count: count(1),
      context_length: count(32),
      feed_forward_length: count(FEED),
    },
    ...{ "attention.head_count": count(HEADS), "rope.dimension_count": count(HEAD) },
    ...(family === "llama" || family === "phi3" ? { "attention.head_count_kv": count(KEY_HEADS) } : {}),
    ...{ "attention.layer_norm_rms_epsilon": [6, 1e-5], "attention.layer_norm_epsilon": [6, 1e-5] },
  };
  return {
    "general.architecture": text(family),
    ...Object.fromEntries(Object.entries(own).map(([key, value]) => [`${family}.${key}`, value])),
  };
}

const TYPES: readonly [BlockDtype, number][] = [
  ["Q4_0", 2],
  ["Q5_1", 7],
  ["Q8_0", 8],
  ["Q4_K", 12],
  ["Q6_K", 14],
];

/** Blocks whose bytes are drawn, scales among them: whatever they stand for is to be at the same place. */
function drawn(family: string, [dtype, type]: (typeof TYPES)[number]) {
  let state = 26;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
  const pairs = Object.entries(FAMILIES[family]).map(([name, shape]): [WrittenTensor, WrittenTensor] => {
    if (shape.length === 1) {
      const bytes = new Uint8Array(Float32Array.from({ length: shape[0] }, random).buffer);
      return [
        { name, type: 0, shape, bytes },
        { name, type: 0, shape, bytes },
      ];
    }
    // Exponents of f16 numbers stay below those of infinities.
    const bytes = Uint8Array.from({ length: byteLengthOf({ name, dtype, shape: [...shape] }) }, () => random() & 0x3f);
    return [
      { name, type, shape, bytes },
      { name, type: 0, shape, bytes: new Uint8Array(BLOCK_FORMATS.widen(dtype, bytes).buffer) },
    ];
  });
  const source = (which: 0 | 1) => {
    const file = writtenGguf(
      metadataOf(family),
      pairs.map((pair) => pair[which]),
    );
    return ggufSource(memorySource(new Map([["m.gguf", file]])), "m.gguf");
  };
  return { blocks: source(0), floats: source(1) };
}

/** The weights as f32, by their bytes. */
function bitsOf(tensor: Tensor): Buffer {
  const { buffer, byteOffset, byteLength } = widen(tensor);
  return Buffer.from(buffer, byteOffset, byteLength);
}

const CASES = Object.keys(FAMILIES).flatMap((family) => TYPES.map((type) => ({ family, type, dtype: type[0] })));

test.each(CASES)(
  "$family in $dtype: each weight, and any rows of it, is what the same numbers give in 32 bits",
  async ({ family, type, dtype }) => {
    const { blocks, floats } = drawn(family, type);
    const architecture = parseConfig(await blocks.json("config.json"));
    const [{ weights: made }, { weights: expected }] = await Promise.all(
      [blocks, floats].map(async (source) => openWeights(architecture, await openCheckpoint(source))),
    );
    let numBlocks = 0;
    for (const [name, { shape }] of expected.tensors) {
      const tensor = await made.read(name);
      if (tensor.dtype === dtype) numBlocks++;
      expect(bitsOf(tensor).equals(bitsOf(await expected.read(name))), name).toBe(true);
      if (shape.length < 2) continue;
      const rows = { begin: 3, end: shape[0] - 2 };
      const [some, same] = await Promise.all([made.read(name, rows), expected.read(name, rows)]);
      expect(bitsOf(some).equals(bitsOf(same)), name).toBe(true);
    }
    // Rows stay whole, so that blocks do, but where a matrix is stored the other way round.
    expect(numBlocks).toBe(
      family === "gpt2" ? 3 : [...expected.tensors.values()].filter(({ shape }) => shape.length > 1).length,
    );
  },
);
