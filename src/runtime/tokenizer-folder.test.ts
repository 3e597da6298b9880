import { expect, it } from "vitest";
import { fileSource } from "../format/file-source.js";
import { tokenizerSource } from "../format/tokenizer-source.js";
import { openFolder } from "./folder.js";

const folder = (name: string) => fileSource(`tests/fixtures/masked/${name}`);

it("a folder without a tokenizer says whose its family takes, where texts are read", async () => {
  const opening = openFolder(folder("mdlm"), { needsTokenizer: true });
  await expect(opening).rejects.toThrow(
    /mdlm has no tokenizer\.json, as all folders of model_type mdlm: its tokens are those of openai-community\/gpt2\. Give that folder.* as tokenizer/,
  );
  await expect(opening).rejects.toMatchObject({ code: "missing_file" });
  const { tokenizer, architecture } = await openFolder(folder("mdlm"));
  expect([tokenizer, architecture.maskToken]).toEqual([null, 82]);
});

it("a tokenizer of another folder is read as the model's own, its mask apart", async () => {
  const source = tokenizerSource(folder("mdlm"), folder("a2d-llama"));
  const { tokenizer, architecture } = await openFolder(source, { needsTokenizer: true });
  expect(source.url).toMatch(/mdlm$/);
  expect(tokenizer?.encode("t5 t9")).toEqual([5, 9]);
  expect(architecture).toMatchObject({ modelType: "mdlm", maskToken: 82, eosTokens: [81] });
  expect(await source.has("model.safetensors")).toBe(true);
});
