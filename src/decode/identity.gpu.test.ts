import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileSource } from "../cli/file-source.js";
import type { DoneEvent } from "../events.js";
import { type Gpu, openDevice } from "../gpu/device.js";
import { loadArchitecture, type LoadedModel, loadModel, loadTransformer } from "../model/load.js";
import type { Session } from "../model/session.js";
import { autoregressive } from "./autoregressive.js";
import type { Decoder } from "./decoder.js";
import { generate } from "./engine.js";
import { speculative } from "./speculative.js";

const PROMPTS = ["Once upon a time", "The little fox", "“Come here,” said", "One day Tom and his dog", "A wolf"];
const SEEDS = Array.from({ length: 20 }, (_, i) => i * 7919 + 1);
const NUM_TOKENS = 64;

let gpu: Gpu;
let target: LoadedModel;
let draft: LoadedModel;
let sessions: { target: Session; draft: Session };

beforeAll(async () => {
  gpu = await openDevice();
  target = await loadModel(gpu, fileSource("public/models/story-ar"));
  draft = await loadModel(gpu, fileSource("public/models/story-draft"));
  sessions = { target: target.model.session(), draft: draft.model.session() };
});
afterAll(() => {
  expect(gpu.uncaptured).toEqual([]);
  gpu.dispose();
});

function write(decoder: Decoder, prompt: string, options: Record<string, unknown>): Promise<DoneEvent> {
  return generate(
    {
      decoder,
      promptIds: target.tokenizer.promptIds(prompt),
      tokenizer: target.tokenizer,
      capabilities: target.model.capabilities,
      draftCapabilities: draft.model.capabilities,
      ...sessions,
      options: { max_new_tokens: NUM_TOKENS, ...options },
    },
    () => undefined,
  );
}

/** Writes both ways; returns what the speculative run counted. */
async function expectIdentical(prompt: string, options: Record<string, unknown>) {
  const { num_assistant_tokens, ...common } = options;
  const plain = await write(autoregressive, prompt, common);
  const fast = await write(speculative, prompt, options);
  expect(fast.ids, JSON.stringify({ prompt, options })).toEqual(plain.ids);
  expect(fast.text).toBe(plain.text);
  return fast.metrics;
}

describe("speculative text is autoregressive text, id for id", () => {
  it.each([0, 0.8, 1.5])("at temperature %d for 20 seeds of 64 tokens", { timeout: 400_000 }, async (temperature) => {
    const sums = { tokens: 0, forwards: 0, accepted: 0 };
    for (const [i, seed] of SEEDS.entries()) {
      const metrics = await expectIdentical(PROMPTS[i % PROMPTS.length], { temperature, seed });
      for (const key of ["tokens", "forwards", "accepted"] as const) sums[key] += metrics[key];
    }
    // Most texts reach their length, and drafts are worth their forwards: else equality would say little.
    expect(sums.tokens).toBeGreaterThan(0.8 * SEEDS.length * NUM_TOKENS);
    expect(sums.accepted).toBeGreaterThan(0.2 * sums.tokens);
    expect(sums.tokens / sums.forwards).toBeGreaterThan(1.2);
  });

  it.each([
    { top_p: 0.9, temperature: 0.9 },
    { min_p: 0.05, temperature: 1.2 },
    { top_k: 20, top_p: 0.95, temperature: 1 },
    { repetition_penalty: 1.3, temperature: 0.8 },
    { repetition_penalty: 1.5, temperature: 0 },
    { logit_bias: { "300": 3, "400": -5 }, temperature: 1 },
    { num_assistant_tokens: 1, temperature: 1 },
    { num_assistant_tokens: 9, temperature: 0.7 },
    { num_assistant_tokens: 0, temperature: 0.7 },
  ])("under %o", async (options) => {
    for (const seed of [3, 4]) await expectIdentical(PROMPTS[seed], { ...options, seed, max_new_tokens: 40 });
  });

  it.each(["model", "prompt-lookup"])(
    "behind a prompt of more rows than one forward takes, drafted by %s",
    async (drafter) => {
      const files = fileSource("tests/fixtures/models/llama");
      const json = async (name: string, signal?: AbortSignal) => ({
        ...((await files.json(name, signal)) as object),
        ...(name === "config.json" ? { max_position_embeddings: 1024 } : {}),
      });
      const source = { ...files, json };
      const model = await loadTransformer(gpu, source, await loadArchitecture(source));
      const request = {
        promptIds: Array.from({ length: 600 }, (_, i) => (i * i) % 97),
        tokenizer: target.tokenizer,
        target: model.session(),
        draft: model.session(),
        capabilities: model.capabilities,
        draftCapabilities: model.capabilities,
      };
      const common = { max_new_tokens: 12, temperature: 1, seed: 3 };
      const plain = await generate({ ...request, decoder: autoregressive, options: common }, () => undefined);
      const sessions = { target: model.session(), draft: model.session() };
      const options = { ...common, drafter };
      const fast = await generate({ ...request, ...sessions, decoder: speculative, options }, () => undefined);
      expect(fast.ids).toEqual(plain.ids);
      model.dispose();
    },
  );

  it("up to the end of the context", async () => {
    const ids = target.tokenizer.promptIds(PROMPTS[0]);
    const prompt = Array.from({ length: 480 }, (_, i) => ids[i % ids.length]);
    const runs = [];
    for (const decoder of [autoregressive, speculative]) {
      const request = {
        decoder,
        promptIds: prompt,
        tokenizer: target.tokenizer,
        capabilities: target.model.capabilities,
        draftCapabilities: draft.model.capabilities,
        ...sessions,
        options: { max_new_tokens: 200, temperature: 1, seed: 5, logit_bias: { "0": -100 } },
      };
      runs.push(await generate(request, () => undefined));
    }
    expect(runs[0]).toMatchObject({ reason: "length" });
    expect(runs[0].ids).toHaveLength(512 - 480);
    expect(runs[1].ids).toEqual(runs[0].ids);
  });
});
