import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { memorySource } from "../../../format/source.js";
import { loadArchitecture, loadFolderTokenizer, withTokenizer } from "./load.js";

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../../public/models/${name}`, import.meta.url), "utf8"));

/** What a copy of a model folder says of itself, with these changes; null: without that file. */
async function reading(folder: string, changes: Record<string, (json: Record<string, unknown>) => unknown>) {
  const names = ["config.json", "tokenizer.json", "tokenizer_config.json", "generation_config.json"];
  const files = names.map((name): [string, unknown] => {
    const json = name === "generation_config.json" ? {} : read(`${folder}/${name}`);
    return [name, changes[name]?.(json) ?? json];
  });
  const source = memorySource(new Map(files.filter(([name]) => name !== "generation_config.json" || changes[name])));
  const architecture = await loadArchitecture(source);
  const tokenizer = await loadFolderTokenizer(source, architecture);
  return withTokenizer(architecture, tokenizer);
}

describe("end tokens", () => {
  it("are those of config, generation_config and tokenizer_config (mlx-vlm#2112)", async () => {
    const eos = { "tokenizer_config.json": (json: object) => ({ ...json, eos_token: "<|im_end|>" }) };
    expect((await reading("story-ar", eos)).eosTokens).toEqual([0, 3]);
    const all = { ...eos, "generation_config.json": () => ({ eos_token_id: [2, 0] }) };
    expect((await reading("story-ar", all)).eosTokens).toEqual([0, 2, 3]);
    const none = {
      "tokenizer_config.json": () => ({}),
      "config.json": (json: object) => ({ ...json, eos_token_id: null }),
    };
    expect((await reading("story-ar", none)).eosTokens).toEqual([]);
  });

  it("beyond the vocabulary are none, and a tokenizer may name one (transformers#24899)", async () => {
    const beyond = {
      "tokenizer.json": (json: { added_tokens?: object[] }) => ({
        ...json,
        added_tokens: [...(json.added_tokens ?? []), { ...json.added_tokens?.[0], id: 4096, content: "<end>" }],
      }),
      "tokenizer_config.json": () => ({ eos_token: "<end>" }),
      "generation_config.json": () => ({ eos_token_id: [0, 9000] }),
    };
    expect((await reading("story-ar", beyond)).eosTokens).toEqual([0]);
  });
});

describe("the mask token of a masked model", () => {
  const config = (json: Record<string, unknown>) => ({ ...json, mask_token_id: null });

  it("is config.json's, else tokenizer_config.json's, else the special token that is called one (dllm#15)", async () => {
    expect((await reading("story-diffusion", {})).maskToken).toBe(1);
    const other = { "tokenizer_config.json": () => ({ mask_token: "<|im_start|>" }) };
    expect((await reading("story-diffusion", other)).maskToken).toBe(1);
    expect((await reading("story-diffusion", { ...other, "config.json": config })).maskToken).toBe(2);
    expect(
      (await reading("story-diffusion", { "config.json": config, "tokenizer_config.json": () => ({}) })).maskToken,
    ).toBe(1);
  });

  it("isn't guessed where several are called one, and no causal model has one", async () => {
    const two = (json: { added_tokens?: { content: string }[] }) => ({
      ...json,
      added_tokens: [...(json.added_tokens ?? []), { ...json.added_tokens?.[0], id: 4096, content: "[MASK]" }],
    });
    const changes = { "config.json": config, "tokenizer_config.json": () => ({}), "tokenizer.json": two };
    expect((await reading("story-diffusion", changes)).maskToken).toBeNull();
    expect((await reading("story-ar", {})).maskToken).toBeNull();
  });
});
