// A model whose logits aren't finite must end every run with an error that names it, whoever reads what of it.
import { loadAdapter } from "../../extension/mask-tokens/load.js";
import { loadHead } from "../../extension/load-head.js";
import { anySubset } from "../any-subset/decoder.js";
import { randomAdapter } from "../../testing/random-adapter.js";
import { randomHead } from "../../testing/random-head.js";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Architecture } from "../../architecture/architecture.js";
import type { WebGpuModel } from "../../backend/webgpu/session/webgpu-model.js";
import type { Model } from "../../seam/model.js";
import { TINY_LAYER, tinyModel } from "../../testing/tiny-model.js";
import { autoregressive } from "../autoregressive/decoder.js";
import { blockDiffusion } from "../block-diffusion/decoder.js";
import { COMMIT_RULES } from "../masks/commit/index.js";
import type { Decoder } from "../decoder.js";
import { maskedDiffusion } from "../masked-diffusion/decoder.js";
import { rehearse } from "../../testing/rehearsal.js";
import { speculative } from "../speculative/decoder.js";
import { windowDiffusion } from "../window-diffusion/decoder.js";
import { fileDevice } from "../../testing/file-device.js";

const READINGS = {
  causal: { inPlace: false, maskToken: null, bidirectional: false, blockLengths: [] },
  blocks: {},
  full: { causal: false, blockLengths: [] },
  window: { bidirectional: false, blockLengths: [] },
} satisfies Record<string, Partial<Architecture>>;
type Reading = keyof typeof READINGS;

const gpu = await fileDevice();
const sound = {} as Record<Reading, Model>;
const spoiled = {} as Record<Reading, WebGpuModel>;
beforeAll(async () => {
  for (const reading of Object.keys(READINGS) as Reading[]) {
    sound[reading] = await tinyModel(gpu, 5, READINGS[reading]);
    spoiled[reading] = await tinyModel(gpu, 7, { ...READINGS[reading] }, (name, values) => {
      if (name === "model.norm.weight") values[3] = Number.NaN;
    });
    named(spoiled[reading], "spoiled");
  }
});
afterAll(() => {
  for (const model of [...Object.values(sound), ...Object.values(spoiled)]) model.dispose();
});

/** The model by another name, by which errors call it. */
function named(model: WebGpuModel, name: string): WebGpuModel {
  Object.assign(model.transformer, { name });
  return model;
}

/** A model that predicts any subset from any other. */
async function subsets(name: string, value: number) {
  const model = await tinyModel(gpu, 7, { causal: false, blockLengths: [], maxLength: 32 }, (tensor, values) => {
    if (tensor === "model.norm.weight") values[3] = value;
  });
  model.capabilities.anySubset = true;
  return named(model, name);
}

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

it.each([
  ["prompt-lookup", {}],
  ["device-lookup", {}],
  ["recycling", {}],
  ["lookahead", {}],
  ["suffix", { corpus: [1, 2, 3, 0, 1, 2, 3, 3] }],
  ["retrieval", { corpus: [1, 2, 3, 0, 1, 2, 3, 3] }],
  ["trigram", { corpus: [1, 2, 3, 0, 1, 2, 3, 3] }],
])("drafts of %s, which need no model", async (drafter, more) => {
  await expectRefused(speculative, { target: spoiled.causal }, { drafter, ...more });
});

it("a draft model with another tokenizer, and a target beside one", async () => {
  const options = { drafter: "retokenized", num_assistant_tokens: 2 };
  await expectRefused(speculative, { target: spoiled.causal, draft: sound.causal }, options);
  await expectRefused(speculative, { target: sound.causal, draft: spoiled.causal }, options);
});

it("any subset", async () => {
  for (const draft_tokens of [1, 3]) {
    const target = await subsets("spoiled", Number.NaN);
    await expectRefused(anySubset, { target }, { draft_tokens });
    target.dispose();
  }
});

it("drafts of a model's first layers: as the whole model, and where layers behind those are spoiled", async () => {
  for (const layer of [0, 1]) {
    const target = await tinyModel(gpu, 7, { ...READINGS.causal, layers: [TINY_LAYER, TINY_LAYER] }, (name, values) => {
      if (name === `model.layers.${layer}.mlp.down_proj.weight`) values[3] = Number.NaN;
    });
    named(target, "spoiled");
    for (const more of [{}, { verifier: "rejection" }, { num_assistant_tokens_schedule: "confidence" }]) {
      await expectRefused(speculative, { target }, { drafter: "early-exit", exit_layer: 1, ...more });
    }
    target.dispose();
  }
});

const CONFIG = {
  model_type: "llama",
  hidden_size: 12,
  intermediate_size: 20,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  num_hidden_layers: 1,
  max_position_embeddings: 16,
  vocab_size: 5,
  hidden_act: "silu",
  rms_norm_eps: 1e-6,
};
const PARTS: ["eagle" | "joint" | "mtp", Reading, Decoder, object[]][] = [
  ["eagle", "causal", speculative, [{}, { verifier: "block" }, { num_assistant_tokens_schedule: "confidence" }]],
  ["mtp", "causal", speculative, [{}, { mtp_layout: "linear" }, { verifier: "rejection" }]],
  ["joint", "full", maskedDiffusion, [{ joint_steps: 3, denoising_steps: 6 }]],
];

it.each(PARTS)(
  "%s beside a model that reads %s: the model, and what was loaded with it",
  async (kind, reading, decoder, all) => {
    for (const where of ["model", "part"] as const) {
      const model = await tinyModel(gpu, 5, READINGS[reading], (name, values) => {
        if (where === "model" && name === "model.norm.weight") values[3] = Number.NaN;
      });
      named(model, "spoiled");
      const spoil = (name: string, values: Float32Array) => {
        if (where === "part" && /down_proj.weight|sampler.out.weight/.test(name)) values[2] = Number.NaN;
      };
      if (kind === "mtp") await loadAdapter(model, randomAdapter(CONFIG, 1, { spoil }).source);
      else await loadHead(model, randomHead(CONFIG, 1, { kind, spoil }).source);
      for (const more of all) {
        const options = decoder === speculative ? { drafter: kind, num_assistant_tokens: 2, ...more } : more;
        await expectRefused(decoder, { target: model }, options);
      }
      model.dispose();
    }
  },
);

it("diffusion with each cache, with guidance, classifier and infill", async () => {
  for (const cache of ["prefix", "dual", "delayed"])
    await expectRefused(maskedDiffusion, { target: spoiled.full }, { cache });
  for (const more of [{ cfg_scale: 1 }, { classifier_weights: { 1: 2 } }]) {
    await expectRefused(maskedDiffusion, { target: spoiled.full }, more);
  }
});
