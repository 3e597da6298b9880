// A model whose logits aren't finite must end every run with an error that names it, whoever reads what of it.
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Gpu, openDevice } from "../../backend/webgpu/gpu/device.js";
import type { Architecture } from "../../architecture/architecture.js";
import type { Model } from "../../seam/model.js";
import { tinyModel } from "../../testing/tiny-model.js";
import { autoregressive } from "../autoregressive/decoder.js";
import { blockDiffusion } from "../block-diffusion/decoder.js";
import { COMMIT_RULES } from "../masks/commit/index.js";
import type { Decoder } from "../decoder.js";
import { maskedDiffusion } from "../masked-diffusion/decoder.js";
import { rehearse } from "../../testing/rehearsal.js";
import { speculative } from "../speculative/decoder.js";
import { windowDiffusion } from "../window-diffusion/decoder.js";

const READINGS = {
  causal: { inPlace: false, maskToken: null, bidirectional: false, blockLengths: [] },
  blocks: {},
  full: { causal: false, blockLengths: [] },
  window: { bidirectional: false, blockLengths: [] },
} satisfies Record<string, Partial<Architecture>>;
type Reading = keyof typeof READINGS;

let gpu: Gpu;
const sound = {} as Record<Reading, Model>;
const spoiled = {} as Record<Reading, Model>;
beforeAll(async () => {
  gpu = await openDevice();
  for (const reading of Object.keys(READINGS) as Reading[]) {
    sound[reading] = await tinyModel(gpu, 5, READINGS[reading]);
    spoiled[reading] = await tinyModel(gpu, 7, { ...READINGS[reading] }, (name, values) => {
      if (name === "model.norm.weight") values[3] = Number.NaN;
    });
    Object.assign(spoiled[reading], { name: "spoiled" });
  }
});
afterAll(() => {
  for (const model of [...Object.values(sound), ...Object.values(spoiled)]) model.dispose();
  expect(gpu.uncaptured).toEqual([]);
  gpu.dispose();
});

const REFUSED = { code: "not_finite", message: expect.stringContaining("spoiled") };

async function expectRefused(decoder: Decoder, models: { target: Model; draft?: Model }, more: object) {
  const options = { max_new_tokens: 6, temperature: 1, ...more };
  await expect(rehearse({ decoder, models, promptIds: [1, 2, 3], options })).rejects.toMatchObject(REFUSED);
}

it("autoregressive, with every filter", async () => {
  for (const options of [
    {},
    { temperature: 0 },
    { top_k: 3 },
    { top_p: 0.5 },
    { min_p: 0.1, repetition_penalty: 1.2 },
  ]) {
    await expectRefused(autoregressive, { target: spoiled.causal }, options);
  }
});

it("diffusion by each commit rule", async () => {
  for (const { name } of COMMIT_RULES) {
    await expectRefused(blockDiffusion, { target: spoiled.blocks }, { commit_rule: name });
  }
  await expectRefused(blockDiffusion, { target: spoiled.blocks }, { cfg_scale: 1 });
  await expectRefused(maskedDiffusion, { target: spoiled.full }, {});
  await expectRefused(windowDiffusion, { target: spoiled.window }, {});
});

it("the model that weighs candidates", async () => {
  const models = { target: sound.blocks, draft: spoiled.causal };
  await expectRefused(blockDiffusion, models, { energy_candidates: 2, denoising_steps: 2 });
});

const DRAFTERS: [string, Reading, object][] = [
  ["model", "causal", {}],
  ["model", "causal", { verifier: "rejection" }],
  ["model", "causal", { verifier: "block" }],
  ["model", "causal", { verifier: "typical" }],
  ["model", "causal", { verifier: "bild", temperature: 0 }],
  ["tree", "causal", { num_assistant_tokens: 3 }],
  ["chains", "causal", { verifier: "kseq", num_draft_chains: 2 }],
  ["chains", "causal", { verifier: "recursive", num_draft_chains: 2 }],
  ["chains", "causal", { verifier: "recursive", first_drafts: "distinct", num_draft_chains: 2 }],
  ["block-diffusion", "blocks", { draft_block_length: 4 }],
  ["block-diffusion", "blocks", { verifier: "product", draft_block_length: 4 }],
];

it.each(DRAFTERS)(
  "the drafter %s of a model that reads %s, with %o: as target, and as draft model",
  async (drafter, reading, more) => {
    const options = { drafter, num_assistant_tokens: 2, ...more };
    await expectRefused(speculative, { target: spoiled.causal, draft: sound[reading] }, options);
    await expectRefused(speculative, { target: sound.causal, draft: spoiled[reading] }, options);
  },
);

it("drafts that need no model", async () => {
  for (const drafter of ["prompt-lookup", "device-lookup", "recycling", "lookahead"]) {
    await expectRefused(speculative, { target: spoiled.causal }, { drafter });
  }
});
