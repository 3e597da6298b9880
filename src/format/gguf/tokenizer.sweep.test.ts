import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { loadTokenizer, type Tokenizer } from "../../tokenizer/tokenizer.js";
import { fileSource } from "../file-source.js";
import { ggufSource } from "../gguf-source.js";

async function tokenizerFrom(file: string): Promise<Tokenizer> {
  const source = ggufSource(fileSource("tests/fixtures/gguf"), file);
  return loadTokenizer(await source.json("tokenizer.json"), await source.json("tokenizer_config.json"));
}

interface Case {
  text: string;
  ids: number[];
  decoded: string;
  decoded_with_special: string;
}
const casesOf = (path: string) => JSON.parse(readFileSync(path, "utf8")) as Case[];

test.each(["bpe-gpt2", "bpe-llama3", "bpe-qwen2"])(
  "%s: the vocabulary that llama.cpp's converter wrote gives Hugging Face's ids, both ways",
  async (name) => {
    const tokenizer = await tokenizerFrom(`${name}.gguf`);
    for (const { text, ids, decoded, decoded_with_special: whole } of casesOf(
      `tests/fixtures/tokenizers/${name}/expected.json`,
    )) {
      expect(tokenizer.promptIds(text), JSON.stringify(text)).toEqual(ids);
      expect(tokenizer.decode(ids)).toBe(decoded);
      expect(tokenizer.decode(ids, { skipSpecial: false })).toBe(whole);
    }
  },
);

test("A SentencePiece vocabulary gives SentencePiece's ids, merged by scores, with bytes for what is unknown", async () => {
  const tokenizer = await tokenizerFrom("sentencepiece.gguf");
  const cases = casesOf("tests/fixtures/gguf/sentencepiece.json");
  expect(cases.length).toBeGreaterThan(40);
  for (const { text, ids } of cases) {
    expect(tokenizer.promptIds(text), JSON.stringify(text)).toEqual(ids);
    expect(tokenizer.decode(ids)).toBe(text);
  }
});
