// The laws of texts are tested whole on the CPU, where a model's laws can be enumerated. Here the same decoders run on the GPU,
// on the same laws with the same noise: what they draw must be what they draw on the CPU, edit for edit.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Architecture } from "../architecture/architecture.js";
import type { Law } from "../backend/host/law.js";
import { mockModel } from "../backend/host/mock.js";
import type { Model } from "../seam/model.js";
import { measuredLaw, TINY_MASK, tinyModel } from "../testing/tiny-model.js";
import { IS_WHOLE } from "../testing/test-depth.js";
import { anySubset } from "./any-subset/decoder.js";
import { blockDiffusion } from "./block-diffusion/decoder.js";
import { COMMIT_RULES } from "./masks/commit/index.js";
import { STEPLESS_RULES } from "./masks/commit/stepless.js";
import type { Decoder } from "./decoder.js";
import { maskedDiffusion } from "./masked-diffusion/decoder.js";
import { rehearse, stepsOf } from "../testing/rehearsal.js";
import { windowDiffusion } from "./window-diffusion/decoder.js";
import { fileDevice } from "../testing/file-device.js";

const PROMPT = 2;
const LENGTH = 4;
const NUM_SEEDS = IS_WHOLE ? 100 : 12;

/** How a model reads, for each decoder. */
const READING: [Decoder, Partial<Architecture>][] = [
  [blockDiffusion, { blockLengths: [LENGTH, 2] }],
  [maskedDiffusion, { causal: false, blockLengths: [] }],
  [windowDiffusion, { bidirectional: false, blockLengths: [] }],
  // What it checks are two rows a token.
  [anySubset, { causal: false, blockLengths: [], maxLength: 2 * LENGTH }],
];
const CAUSAL: Partial<Architecture> = { inPlace: false, maskToken: null, bidirectional: false, blockLengths: [] };

interface Twins {
  gpu: Model;
  cpu: Model;
}

const gpu = await fileDevice();
let draft: Twins;
const targets = new Map<Decoder, Twins>();
beforeAll(async () => {
  const tiny = (seed: number, reading: Partial<Architecture>) =>
    tinyModel(gpu, seed, { maxLength: LENGTH, ...reading });
  const twins = (model: Model, law: Law): Twins => ({
    gpu: model,
    cpu: mockModel({ law, capabilities: model.capabilities }),
  });
  const models = await Promise.all(
    READING.map(async ([decoder, reading]) => [decoder, await tiny(40, reading)] as const),
  );
  // The weights are the same for all, so one's law is every one's. Guidance masks the prompt.
  const law = await measuredLaw(models[0][1], LENGTH, [PROMPT, TINY_MASK]);
  for (const [decoder, model] of models) {
    model.capabilities.anySubset = decoder === anySubset;
    targets.set(decoder, twins(model, law));
  }
  const weighing = await tiny(90, CAUSAL);
  draft = twins(weighing, await measuredLaw(weighing, LENGTH, [PROMPT]));
});
afterAll(() => {
  for (const twins of [draft, ...targets.values()]) twins.gpu.dispose();
});

/** Each seed's edits, their log-probabilities apart; and the texts that came out. */
async function write(decoder: Decoder, models: { target: Model; draft: Model }, options: Record<string, unknown>) {
  const sessions = { target: models.target.session(), draft: models.draft.session() };
  const edits: unknown[] = [];
  const logprobs: number[] = [];
  const texts = new Set<string>();
  for (let seed = 0; seed < NUM_SEEDS; seed++) {
    const { events, done } = await rehearse({
      decoder,
      models,
      ...sessions,
      promptIds: [PROMPT],
      options: { max_new_tokens: LENGTH - 1, temperature: 1, seed, ...options },
    });
    for (const edit of stepsOf(events).flatMap((step) => step.edits)) {
      const { logprob, ...rest } = { logprob: null, ...edit };
      edits.push({ seed, ...rest });
      logprobs.push(logprob ?? 0);
    }
    texts.add(done.ids.join());
  }
  for (const session of Object.values(sessions)) session.dispose();
  return { edits, logprobs, texts };
}

describe.each(READING.map(([decoder]) => decoder))("$name draws on the GPU what it draws on the CPU", (decoder) => {
  const own = (rule: string): Record<string, unknown>[] => {
    if (rule === "quota") {
      return [
        { confidence: "margin", confidence_of: "top" },
        { confidence: "neg_entropy" },
        ...["confidence", "random", "left_to_right"].flatMap((order) => [
          { order, denoising_steps: 1 },
          { order, denoising_steps: 2, temperature: 0.7, top_p: 0.9 },
          { order },
        ]),
        { energy_candidates: 4, denoising_steps: 2 },
        { cfg_scale: 1.5 },
        { classifier_weights: { 1: 2 }, classifier_bias: -1, order: "left_to_right" },
      ];
    }
    const more: Record<string, Record<string, unknown>[]> = {
      threshold: [{ threshold: 0.4 }, { threshold: 0.5, confidence: "margin" }],
      entropy_bound: [{ entropy_bound: 1 }],
      klass: [{ threshold: 0.3, kl_threshold: 1, kl_history: 1 }],
      ancestral: [1, 2, 16].map((denoising_steps) => ({ denoising_steps })),
      remdm: [
        { denoising_steps: 8, eta: 0 },
        { denoising_steps: 8, eta: 0.5 },
      ],
      p2: [{ denoising_steps: 4 }],
      mask_predict: [{ denoising_steps: 3 }],
      edit: [{ threshold: 0.3, editing_threshold: 0.2 }],
      wedlm: [{ entropy_threshold: 1.2 }],
    };
    return more[rule] ?? [{}];
  };
  const rules = decoder === windowDiffusion ? STEPLESS_RULES : COMMIT_RULES.map(({ name }) => name);
  const byRule = rules.flatMap((rule) => own(rule).map((options) => ({ commit_rule: rule, ...options })));
  const inBlocks = [
    { commit_rule: "first_hitting", block_length: 2 },
    { commit_rule: "threshold", threshold: 0.4, block_length: null, block_rule: "entropy_run", block_entropy: 1.3 },
  ];
  const cases: Record<string, unknown>[] =
    decoder === anySubset
      ? [1, 2, 3].map((draft_tokens) => ({ draft_tokens }))
      : [...byRule, ...(decoder === blockDiffusion ? inBlocks : [])];

  it.each(cases)("%o", async (options) => {
    const twins = targets.get(decoder) as Twins;
    const expected = await write(decoder, { target: twins.cpu, draft: draft.cpu }, options);
    const actual = await write(decoder, { target: twins.gpu, draft: draft.gpu }, options);
    expect(actual.edits).toEqual(expected.edits);
    actual.logprobs.forEach((logprob, i) => {
      expect(logprob).toBeCloseTo(expected.logprobs[i], 3);
    });
    expect(actual.texts.size).toBeGreaterThan(1);
  });
});
