// Which tokenizers need the other parts, in a page that has read none: a module of its own, behind those of the other tests.
import { readdirSync, readFileSync } from "node:fs";
import { beforeEach, expect, it, vi } from "vitest";

let tokenizers: typeof import("./tokenizer.js");
let needs: (json: unknown) => boolean;
beforeEach(async () => {
  vi.resetModules();
  tokenizers = await import("./tokenizer.js");
  needs = (await import("./other-parts.js")).needsOtherParts;
});

it("loads nothing more for the package's own models, which are read without", () => {
  const models = new URL("../../public/models/", import.meta.url);
  const own = readdirSync(models).filter((name) => !name.includes("."));
  expect(own.length).toBeGreaterThan(4);
  for (const name of own) {
    const json = JSON.parse(readFileSync(new URL(`${name}/tokenizer.json`, models), "utf8"));
    expect(needs(json), name).toBe(false);
    tokenizers.loadTokenizer(json, {});
  }
});

const bpe = { type: "BPE", vocab: { a: 0, b: 1 }, merges: [] };
it.each([
  ["an accent's normalizer", { model: bpe, normalizer: { type: "Sequence", normalizers: [{ type: "StripAccents" }] } }],
  [
    "a pattern",
    { model: bpe, pre_tokenizer: { type: "Split", pattern: { Regex: "a|b" }, behavior: "Isolated", invert: false } },
  ],
  ["punctuation", { model: bpe, pre_tokenizer: { type: "Punctuation" } }],
  ["another model", { model: { type: "WordLevel", vocab: { a: 0 }, unk_token: "a" } }],
  ["another model without a type", { model: { vocab: [["a", 0]], unk_id: 0 } }],
])("loads them for %s", async (_what, json) => {
  expect(needs(json)).toBe(true);
  expect(() => tokenizers.loadTokenizer(json, {})).toThrow(/were not loaded/);
  await tokenizers.loadTokenizerParts(json);
  expect(tokenizers.loadTokenizer(json, {}).encode("a")).toEqual([0]);
  expect(needs(json)).toBe(false);
});

it.each([
  ["normalizer", { type: "" }],
  ["pre_tokenizer", { type: 'To"Upper' }],
])("loads them for a %s that isn't known, so that it is refused by name", async (part, json) => {
  await tokenizers.loadTokenizerParts({ model: bpe, [part]: json });
  expect(() => tokenizers.loadTokenizer({ model: bpe, [part]: json }, {})).toThrow(/isn't supported/);
});
