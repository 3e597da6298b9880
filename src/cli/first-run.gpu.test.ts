// The first run of each pane at the page's defaults: nothing is compiled between its `start` event and its end, so that no run
// pays for another one, or for being the first.
import { beforeAll, expect, it } from "vitest";
import { withConfig } from "../testing/with-config.js";
import { fileSource } from "../format/file-source.js";
import { type LoadedModel, loadModel } from "../testing/load-model.js";
import { openFolder } from "../runtime/folder.js";
import { generateOnce } from "../testing/generate-once.js";
import { fileDevice } from "../testing/file-device.js";

const gpu = await fileDevice();
let ar: LoadedModel;
let draft: LoadedModel;
let diffusion: LoadedModel;
beforeAll(async () => {
  const files = (name: string) => fileSource(`public/models/${name}`);
  ar = await loadModel(gpu, files("stories260k"));
  draft = await loadModel(gpu, withConfig(files("stories260k"), { num_hidden_layers: 3 }));
  diffusion = await loadModel(gpu, withConfig(files("story-diffusion"), { num_hidden_layers: 2 }));
});

const ADAPTIVE = { num_assistant_tokens_schedule: "adaptive", num_assistant_tokens: 7 };

// Each kind of run is the first of its kind on this device, and what one needs another one may have compiled: the hungriest last.
it.each([
  ["autoregressive", {}],
  ["block-diffusion", {}],
  ["speculative", { drafter: "suffix", ...ADAPTIVE }],
  ["speculative", { drafter: "model", ...ADAPTIVE }],
  ["speculative", { drafter: "model" }],
  ["autoregressive", { top_p: 0.9, repetition_penalty: 1.1 }],
])("%s %j compiles nothing between its start and its end", async (decoder, options) => {
  const { model: target, tokenizer } = decoder === "block-diffusion" ? diffusion : ar;
  const folder = await openFolder(
    fileSource(`public/models/${decoder === "block-diffusion" ? "story-diffusion" : "stories260k"}`),
  );
  let atStart = -1;
  const done = await generateOnce(
    {
      decoder,
      promptIds: tokenizer.promptIds("Once upon a time, there was a little girl who lived in"),
      options: { temperature: 0.7, max_new_tokens: 60, seed: 3, ...options },
      gpu,
      target,
      draft: "drafter" in options && options.drafter === "model" ? draft.model : null,
      folder,
    },
    (event) => {
      if (event.type === "start") atStart = gpu.kernels.pipelineCount;
    },
  );
  expect(done.metrics.tokens).toBe(60);
  expect(gpu.kernels.pipelineCount - atStart).toBe(0);
});

it("a hole that comes first has no prompt to be warmed for", async () => {
  const { model: target, tokenizer } = diffusion;
  const folder = await openFolder(fileSource("public/models/story-diffusion"));
  const masks = new Array<number>(6).fill(target.capabilities.maskToken as number);
  const promptIds = [...masks, ...tokenizer.promptIds(" and was happy.")];
  const options = { infill: true };
  const run = { decoder: "block-diffusion", promptIds, options, gpu, target, draft: null, folder };
  const { metrics, reason } = await generateOnce(run, () => {});
  expect([metrics.tokens, reason]).toEqual([6, "complete"]);
});
