// The embedded diffusion model drafts for the embedded autoregressive one: the text is autoregressive text.
import { afterAll, beforeAll, expect, it } from "vitest";
import { fileSource } from "../../cli/file-source.js";
import { type Gpu, openDevice } from "../../gpu/device.js";
import { loadModel } from "../../model/load.js";
import type { Model } from "../../model/session.js";
import { blockDrafts } from "./block-diffusion.js";
import {
  FILTERS,
  type IdentitySetup,
  LENGTHS,
  someLengths,
  TEMPERATURES,
  writeDrafted,
  writePlain,
} from "./identity-cases.js";

const IS_WHOLE = process.env.IDENTITY === "whole";
const NUM_TOKENS = 64;

let gpu: Gpu;
let draft: Model;
let setup: IdentitySetup;

beforeAll(async () => {
  gpu = await openDevice();
  const { model: target, tokenizer } = await loadModel(gpu, fileSource("public/models/story-ar"));
  ({ model: draft } = await loadModel(gpu, fileSource("public/models/story-diffusion")));
  setup = {
    models: { target, draft },
    sessions: { target: target.session(), draft: draft.session() },
    promptIds: tokenizer.promptIds("Once upon a time there was a little girl named Lily."),
    corpus: [],
    numTokens: NUM_TOKENS,
  };
});
afterAll(() => {
  expect(gpu.uncaptured).toEqual([]);
  gpu.dispose();
});

it("is autoregressive text, id for id and with its log-probabilities", { timeout: 1_200_000 }, async () => {
  const counts = { cases: 0, proposed: 0, accepted: 0, tokens: 0 };
  for (let i = 0; i < TEMPERATURES.length * FILTERS.length; i++) {
    const plain = await writePlain(setup, TEMPERATURES[Math.floor(i / FILTERS.length)], i % FILTERS.length);
    for (const length of IS_WHOLE ? LENGTHS : someLengths(i)) {
      const { completion, metrics } = await writeDrafted(setup, plain, blockDrafts, length);
      expect(completion, JSON.stringify({ ...plain.common, length })).toEqual(plain.completion);
      counts.cases++;
      for (const key of ["proposed", "accepted", "tokens"] as const) counts[key] += metrics[key];
    }
  }
  expect(counts.cases).toBe(IS_WHOLE ? 80 : 24);
  expect(counts.tokens).toBeGreaterThan(0.8 * counts.cases * NUM_TOKENS);
  // A first draft follows the text; the model was trained for that. Of drafts that aren't, one in V would be right.
  expect(counts.accepted).toBeGreaterThan(0.1 * counts.proposed);
  expect(counts.accepted).toBeLessThan(counts.proposed);
  console.info(`block-diffusion: ${JSON.stringify(counts)}`);
});
