import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { evaluationRows } from "../cli/documents.js";
import { fileSource } from "../cli/file-source.js";
import { scoreRows } from "../cli/score.js";
import { type Gpu, openDevice } from "../gpu/device.js";
import { loadModel } from "../model/load.js";
import { autoregressive } from "./autoregressive.js";
import { generate } from "./engine.js";

interface Golden {
  generations: { prompt: string; prompt_ids: number[]; greedy: number[]; text: string }[];
}

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openDevice();
});
afterAll(() => {
  expect(gpu.uncaptured).toEqual([]);
  gpu.dispose();
});

it("stories260k writes its golden texts, whole", async () => {
  const folder = "public/models/stories260k";
  const { generations } = JSON.parse(readFileSync(`${folder}/expected.json`, "utf8")) as Golden;
  const { model, tokenizer } = await loadModel(gpu, fileSource(folder));
  const target = model.session();
  expect(generations).toHaveLength(2);
  for (const { prompt, prompt_ids, greedy, text } of generations) {
    expect(tokenizer.promptIds(prompt)).toEqual(prompt_ids);
    const done = await generate(
      {
        decoder: autoregressive,
        promptIds: prompt_ids,
        tokenizer,
        capabilities: model.capabilities,
        target,
        options: { temperature: 0, max_new_tokens: greedy.length },
      },
      () => undefined,
    );
    expect(done.ids).toEqual(greedy);
    // The golden text was decoded with nothing in front of it, so that its first space is gone.
    expect(done.text.trimStart()).toBe(text.trimStart());
  }
  model.dispose();
});

it("story-ar's loss on the whole evaluation text is the one that PyTorch measured, to 1e-3", {
  timeout: 300_000,
}, async () => {
  const evaluation = JSON.parse(readFileSync("tests/fixtures/evaluation.json", "utf8"));
  const { model, tokenizer } = await loadModel(gpu, fileSource("public/models/story-ar"));
  const text = readFileSync("tests/fixtures/valid-sample.txt", "utf8");
  const rows = evaluationRows(text, (document) => tokenizer.promptIds(document));
  expect(rows).toHaveLength(evaluation.documents);
  const { nll, tokens } = await scoreRows(model, rows);
  expect(tokens).toBe(evaluation.tokens);
  expect(Math.abs(nll - evaluation.story_ar_nll_per_token)).toBeLessThan(1e-3);
  model.dispose();
});
