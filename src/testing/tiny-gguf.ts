import { readFileSync } from "node:fs";
import { parseHeader } from "../format/gguf/header.js";
import { convertedGguf } from "./converted-gguf.js";
import { count, text, texts, type Typed, writtenGguf } from "./written-gguf.js";

/** A GGUF file of the model fixture `llama` with a vocabulary of as many tokens: the first of `bpe-gpt2`. No token of it ends a text. */
export async function tinyGguf(): Promise<Uint8Array<ArrayBuffer>> {
  const weights = await convertedGguf("llama");
  const { metadata, tensors } = parseHeader(weights, weights.length, "llama");
  const words = new Uint8Array(readFileSync("tests/fixtures/gguf/bpe-gpt2.gguf"));
  const vocabulary = parseHeader(words, words.length, "bpe-gpt2").metadata;
  const tokens = (vocabulary.get("tokenizer.ggml.tokens") as string[]).slice(
    0,
    metadata.get("llama.vocab_size") as number,
  );
  const merges = (vocabulary.get("tokenizer.ggml.merges") as string[]).filter((pair) =>
    tokens.includes(pair.replace(" ", "")),
  );
  const kept = [...metadata].filter(([key]) => !key.startsWith("tokenizer."));
  const typed = ([key, value]: (typeof kept)[number]): [string, Typed] => {
    if (typeof value === "string") return [key, text(value)];
    return [key, Number.isInteger(value) ? count(value as number) : [6, value as number]];
  };
  return writtenGguf(
    {
      ...Object.fromEntries(kept.map(typed)),
      "tokenizer.ggml.model": text("gpt2"),
      "tokenizer.ggml.pre": text("gpt-2"),
      "tokenizer.ggml.tokens": texts(...tokens),
      "tokenizer.ggml.merges": texts(...merges),
    },
    [...tensors.values()].map(({ name, shape, begin, end }) => ({
      name,
      type: 0,
      shape,
      bytes: weights.slice(begin, end),
    })),
  );
}
