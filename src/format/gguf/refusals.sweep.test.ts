import { expect, test } from "vitest";
import { convertedGguf } from "../../testing/converted-gguf.js";
import { count, text, texts, type Typed, writtenGguf, type WrittenTensor } from "../../testing/written-gguf.js";
import { readPreTokenizer } from "../../tokenizer/pre-tokenizer.js";
import { loadCheckpoint } from "../checkpoint.js";
import { ggufSource } from "../gguf-source.js";
import { memorySource } from "../source.js";
import { parseHeader } from "./header.js";
import { Metadata } from "./metadata.js";
import { PRE_TOKENIZERS } from "./pre-tokenizers.js";
import { tokenizerOf } from "./tokenizer.js";

const folder = (files: Record<string, Uint8Array>) => memorySource(new Map(Object.entries(files)), "folder");
const source = (file: Uint8Array) => ggufSource(folder({ "m.gguf": file }), "m.gguf");
const one = (name: string, type: number, shape: readonly number[], numBytes: number): WrittenTensor => ({
  name,
  type,
  shape,
  bytes: new Uint8Array(numBytes),
});
const LLAMA: Record<string, Typed> = {
  "general.architecture": text("llama"),
  ...Object.fromEntries(
    ["embedding_length", "attention.head_count", "block_count", "feed_forward_length", "context_length"].map((key) => [
      `llama.${key}`,
      count(32),
    ]),
  ),
};
const embedding = one("token_embd.weight", 0, [8, 32], 1024);

/** A file with a list of this name, of which it says that it has so many entries of 8 bytes. */
function withLength(key: string, length: number): Uint8Array {
  const file = writtenGguf({ [key]: [9, 10, [1, 2]] });
  const at = Buffer.from(file).indexOf(key) + key.length + 8;
  new DataView(file.buffer).setBigUint64(at, BigInt(length), true);
  return file;
}

test.each<[string, Uint8Array, RegExp]>([
  [
    "another format",
    new TextEncoder().encode("PK\u0003\u0004 something else"),
    /m\.gguf in folder is damaged at its start: it doesn't begin with GGUF/,
  ],
  ["an empty file", new Uint8Array(0), /damaged at its start: the file ends at byte 0/],
  ["version 1", writtenGguf(LLAMA, [], { version: 1 }), /is GGUF of version 1; supported are 2 and 3/],
  ["big-endian", writtenGguf(LLAMA, [], { isBig: true }), /big-endian GGUF/],
  [
    "an architecture that isn't known",
    writtenGguf({ "general.architecture": text("mamba") }),
    /architecture "mamba"; supported are llama, qwen2, .*gptneox/,
  ],
  ["no architecture", writtenGguf({}), /no general\.architecture/],
  [
    "a quantisation that isn't read",
    writtenGguf(LLAMA, [one("token_embd.weight", 10, [1, 256], 84)]),
    /token_embd\.weight is stored as Q2_K; supported are F32, .*Q6_K/,
  ],
  [
    "rows that aren't whole blocks",
    writtenGguf(LLAMA, [one("token_embd.weight", 2, [8, 48], 216)]),
    /tensor "token_embd\.weight": its rows have 48 weights, and Q4_0 has blocks of 32/,
  ],
  [
    "a tensor that its family hasn't",
    writtenGguf(LLAMA, [embedding, one("blk.0.attn_sinks.weight", 0, [4], 16)]),
    /holds tensor blk\.0\.attn_sinks\.weight, which architecture llama has no place for/,
  ],
  [
    "experts",
    writtenGguf({ ...LLAMA, "llama.expert_count": count(8) }, [embedding]),
    /llama\.expert_count isn't supported/,
  ],
  [
    "a scaling of rotations that isn't known",
    writtenGguf({ ...LLAMA, "llama.rope.scaling.type": text("ntk") }, [embedding]),
    /llama\.rope\.scaling\.type is "ntk"; supported are none, linear, yarn/,
  ],
  [
    "a key that is missing",
    writtenGguf({ "general.architecture": text("llama"), "llama.attention.head_count": count(4) }, [embedding]),
    /llama\.embedding_length is missing/,
  ],
  [
    "a key of another kind",
    writtenGguf({ ...LLAMA, "llama.block_count": text("two") }, [embedding]),
    /llama\.block_count is "two", expected a whole number/,
  ],
  [
    "heads that differ by layer",
    writtenGguf({ ...LLAMA, "llama.attention.head_count": [9, 4, [4, 8]] }, [embedding]),
    /head_count differs by layer \(4, 8/,
  ],
  [
    "a list longer than the file",
    withLength("huge", 2 ** 40),
    /damaged at metadata key "huge": it claims 1099511627776 entries, but only \d+ bytes follow/,
  ],
])("%s is refused by name", async (_, file, message) => {
  await expect(source(file).json("config.json")).rejects.toThrow(message);
});

const BPE = {
  "tokenizer.ggml.model": text("gpt2"),
  "tokenizer.ggml.tokens": texts("a", "b", "ab"),
  "tokenizer.ggml.merges": texts("a b"),
};

test.each<[string, Record<string, Typed>, RegExp]>([
  [
    "a pre-tokenizer that isn't known",
    { ...BPE, "tokenizer.ggml.pre": text("kimi-k2") },
    /tokenizer\.ggml\.pre is "kimi-k2"; supported are default, gpt-2, .*tekken/,
  ],
  [
    "another model",
    { "tokenizer.ggml.model": text("bert") },
    /tokenizer\.ggml\.model is "bert"; supported are gpt2 \(byte-level BPE\) and llama \(SentencePiece\)/,
  ],
  [
    "kinds of other tokens",
    { ...BPE, "tokenizer.ggml.pre": text("gpt-2"), "tokenizer.ggml.token_type": [9, 5, [1, 1]] },
    /token_type has 2 entries for 3 tokens/,
  ],
  [
    "a token in front that there isn't",
    { ...BPE, "tokenizer.ggml.pre": text("llama-bpe"), "tokenizer.ggml.bos_token_id": count(7) },
    /bos_token_id is 7, and there are 3 tokens/,
  ],
  [
    "no scores",
    { ...BPE, "tokenizer.ggml.model": text("llama") },
    /tokenizer\.ggml\.scores has 0 entries for 3 tokens/,
  ],
])("A vocabulary with %s is refused by name", async (_, metadata, message) => {
  await expect(source(writtenGguf(metadata)).json("tokenizer.json")).rejects.toThrow(message);
});

test.each(PRE_TOKENIZERS)("the pre-tokenizer %s is one that our tokenizer reads", (name) => {
  const file = writtenGguf({ ...BPE, "tokenizer.ggml.pre": text(name), "tokenizer.ggml.add_bos_token": [7, 0] });
  const json = tokenizerOf(new Metadata(parseHeader(file, file.length, "m").metadata, "m"));
  const split = readPreTokenizer(json?.pre_tokenizer);
  const { texts: pieces } = split?.({ texts: ["It's 12345 o'clock,\n  naïve `x`+y"], areFromStart: true }) ?? {
    texts: [],
  };
  expect(pieces.length).toBeGreaterThan(5);
});

test("A file in parts is one model; a part that is missing is named, and parts of another file are refused", async () => {
  const whole = await convertedGguf("llama");
  const { tensors, metadata } = parseHeader(whole, whole.length, "llama");
  const written = [...tensors.values()].map(({ name, shape, begin, end }) => ({
    name,
    type: 0,
    shape,
    bytes: whole.slice(begin, end),
  }));
  const name = (i: number) => `llama-0000${i}-of-00003.gguf`;
  const part = (i: number, own: Record<string, Typed>) =>
    writtenGguf(
      { ...own, "split.no": count(i), "split.count": count(3), "split.tensors.count": count(written.length) },
      written.slice(i * 7, i === 2 ? undefined : (i + 1) * 7),
    );
  const keys: Record<string, Typed> = Object.fromEntries(
    [...metadata].map(([key, value]) => [
      key,
      typeof value === "string"
        ? text(value)
        : typeof value === "number" && Number.isInteger(value)
          ? count(value)
          : [6, value as number],
    ]),
  );
  const files = { [name(1)]: part(0, keys), [name(2)]: part(1, {}), [name(3)]: part(2, {}) };
  const read = await loadCheckpoint(ggufSource(folder(files), name(2)));
  const expected = await loadCheckpoint(source(whole));
  expect([...read]).toEqual([...expected]);
  const { [name(3)]: _, ...two } = files;
  await expect(ggufSource(folder(two), name(1)).json("config.json")).rejects.toThrow(
    `${name(3)} is missing in folder: ${name(1)} is one of 3 files that are one model`,
  );
  await expect(
    ggufSource(folder({ ...files, [name(3)]: files[name(2)] }), name(1)).json("config.json"),
  ).rejects.toThrow(/split\.no is 1 in llama-00003-of-00003\.gguf, expected 2/);
  await expect(
    ggufSource(folder({ "a-00001-of-00000.gguf": files[name(1)] }), "a-00001-of-00000.gguf").json("config.json"),
  ).rejects.toThrow(/split\.count is 3/);
  await expect(ggufSource(folder({ "a.gguf": files[name(1)] }), "a.gguf").json("config.json")).rejects.toThrow(
    /split\.count is 3, and by its name it has 1 part/,
  );
});

test("Tensors may be listed in another order than that of their values, which share the file without gap or overlap", () => {
  const names = ["a", "b", "c"];
  const written = names.map((name, i) => ({
    name,
    type: 0,
    shape: [8 * (i + 1)],
    bytes: new Uint8Array(32 * (i + 1)),
  }));
  /** Lists them in this order, each where it is; `moved`: but the last one elsewhere. */
  const listed = (order: readonly number[], moved?: number) => {
    const file = Buffer.from(writtenGguf({}, written));
    const sizeBytes = 8 + 1 + 4 + 8 + 4 + 8;
    const infos = written.map((_, i) => Buffer.from(file.subarray(24 + i * sizeBytes, 24 + (i + 1) * sizeBytes)));
    if (moved !== undefined) infos[2].writeBigUInt64LE(BigInt(moved), sizeBytes - 8);
    Buffer.concat(order.map((i) => infos[i])).copy(file, 24);
    return parseHeader(new Uint8Array(file), file.length, "m.gguf");
  };
  expect([...listed([2, 0, 1]).tensors]).toEqual([...listed([0, 1, 2]).tensors]);
  expect([...listed([2, 0, 1]).tensors.values()].map(({ name, begin, end }) => [name, begin - 128, end - 128])).toEqual(
    [
      ["a", 0, 32],
      ["b", 32, 96],
      ["c", 96, 192],
    ],
  );
  expect(() => listed([2, 0, 1], 64)).toThrow(/tensor "c": its values start at byte 64 of the data, expected 96/);
  expect(() => listed([0, 2, 1], 128)).toThrow(/tensor "c": its values start at byte 128 of the data, expected 96/);
});
