import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { textOf, tokensOf } from "./text-tokens.js";
import { loadTokenizer } from "./tokenizer.js";

const read = (path: string) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"));
const load = (folder: string) =>
  loadTokenizer(read(`${folder}/tokenizer.json`), read(`${folder}/tokenizer_config.json`));

describe.each(["public/models/story-ar", "public/models/stories260k", "tests/fixtures/tokenizers/bpe-llama3"])(
  "the tokens of a text, by %s",
  (folder) => {
    const tokenizer = load(folder);

    it.each(["Tom's dog", " two  spaces\n", "👩‍👧 日本語", "\ufeff", ""])("joined are the text: %j", (text) => {
      for (const special of [false, true]) {
        const { ids, pieces } = tokensOf(tokenizer, text, { special });
        expect(ids).toEqual(special ? tokenizer.promptIds(text) : tokenizer.encode(text));
        expect(pieces).toHaveLength(ids.length);
        expect(pieces.join("")).toBe(text);
      }
      expect(textOf(tokenizer, tokenizer.encode(text))).toBe(text);
    });
  },
);

describe("special tokens", () => {
  const tokenizer = load("public/models/story-ar");

  it("that a text holds are pieces of it; those put around it are empty", () => {
    const text = "<|endoftext|>Tom<|im_end|>";
    expect(tokensOf(tokenizer, text)).toEqual({ ids: [0, 1350, 3], pieces: ["<|endoftext|>", "Tom", "<|im_end|>"] });
    // As a post-processor does, whatever the text begins with.
    const { ids, pieces } = tokensOf(tokenizer, text, { special: true });
    expect([ids, pieces]).toEqual([
      [0, 0, 1350, 3],
      ["", "<|endoftext|>", "Tom", "<|im_end|>"],
    ]);
    expect(tokensOf(tokenizer, "Tom", { special: true })).toEqual({ ids: [0, 1350], pieces: ["", "Tom"] });
  });
});
