import { beforeAll, describe, expect, it } from "vitest";
import { withConfig } from "../testing/with-config.js";
import { fileSource } from "../format/file-source.js";
import type { DoneEvent } from "../vocabulary/events.js";
import { loadArchitecture, loadTransformer } from "../backend/webgpu/load/load.js";
import { type LoadedModel, loadModel } from "../testing/load-model.js";
import type { Model } from "../seam/model.js";
import type { Session } from "../seam/session.js";
import { IS_WHOLE } from "../testing/test-depth.js";
import { autoregressive } from "./autoregressive/decoder.js";
import type { Decoder } from "./decoder.js";
import { generate } from "./engine/engine.js";
import { speculative } from "./speculative/decoder.js";
import { fileDevice } from "../testing/file-device.js";

const PROMPTS = ["Once upon a time", "The little fox", "“Come here,” said", "One day Tom and his dog", "A wolf"];
const SEEDS = Array.from({ length: IS_WHOLE ? 20 : 3 }, (_, i) => i * 7919 + 1);
const NUM_TOKENS = 64;

/** A target with its tokenizer, and a draft model of the same vocabulary. */
interface Pair {
  target: LoadedModel;
  draft: Model;
}

interface Sessions {
  target: Session;
  draft: Session;
}

const gpu = await fileDevice();
let story: Pair;
/** stories260k, and its first three layers of five: many seeds cost little. */
let small: Pair;

beforeAll(async () => {
  const load = (name: string) => loadModel(gpu, fileSource(`public/models/${name}`));
  story = { target: await load("story-ar"), draft: (await load("story-draft")).model };
  const fewLayers = await reshaped("public/models/stories260k", { num_hidden_layers: 3 });
  small = { target: await load("stories260k"), draft: fewLayers };
});

/** The model in a folder, its config changed. */
async function reshaped(folder: string, changes: object): Promise<Model> {
  const source = withConfig(fileSource(folder), changes);
  return loadTransformer(gpu, source, await loadArchitecture(source));
}

/** What was asked for, and the sessions that it was written on. */
interface Written {
  done: DoneEvent;
  sessions: Sessions;
}

/** On new sessions unless some are given: what a cache holds already, nothing has to store. */
async function write(
  { target, draft }: Pair,
  decoder: Decoder,
  prompt: string | readonly number[],
  options: Record<string, unknown>,
  sessions: Sessions = { target: target.model.session(), draft: draft.session() },
): Promise<Written> {
  const done = await generate(
    {
      decoder,
      promptIds: typeof prompt === "string" ? target.tokenizer.promptIds(prompt) : prompt,
      tokenizer: target.tokenizer,
      capabilities: target.model.capabilities,
      draftCapabilities: draft.capabilities,
      ...sessions,
      options: { max_new_tokens: NUM_TOKENS, ...options },
    },
    () => undefined,
  );
  return { done, sessions };
}

/** Writes both ways on sessions of their own, then one of them on the other's; returns what the speculative run counted. */
async function expectIdentical(
  pair: Pair,
  prompt: string | readonly number[],
  options: Record<string, unknown>,
  turn = 0,
) {
  const { num_assistant_tokens, ...common } = options;
  const plain = await write(pair, autoregressive, prompt, common);
  const fast = await write(pair, speculative, prompt, options);
  const again =
    turn % 2 === 0
      ? await write(pair, autoregressive, prompt, common, fast.sessions)
      : await write(pair, speculative, prompt, options, plain.sessions);
  for (const { done } of [fast, again]) {
    expect(done.ids, JSON.stringify({ prompt, options })).toEqual(plain.done.ids);
    expect(done.text).toBe(plain.done.text);
  }
  for (const { sessions } of [plain, fast]) for (const session of Object.values(sessions)) session.dispose();
  return { ...fast.done.metrics, reason: plain.done.reason, ids: plain.done.ids };
}

describe("speculative text is autoregressive text, id for id", () => {
  it.each([0, 0.8, 1.5])("at temperature %d for many seeds of 64 tokens", { timeout: 400_000 }, async (temperature) => {
    const sums = { tokens: 0, forwards: 0, accepted: 0 };
    for (const [i, seed] of SEEDS.entries()) {
      const metrics = await expectIdentical(small, PROMPTS[i % PROMPTS.length], { temperature, seed }, i);
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
    for (const seed of [3, 4]) {
      const pair = IS_WHOLE ? story : small;
      await expectIdentical(pair, PROMPTS[seed], { ...options, seed, max_new_tokens: 40 }, seed);
    }
  });

  it.each(["model", "prompt-lookup"])(
    "behind a prompt of more rows than one forward takes, drafted by %s",
    async (drafter) => {
      const model = await reshaped("tests/fixtures/models/llama", { max_position_embeddings: 1024 });
      const request = {
        promptIds: Array.from({ length: 600 }, (_, i) => (i * i) % 97),
        tokenizer: story.target.tokenizer,
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

  it.each([0, 1])("up to the end of the context, whichever is written first (%i)", async (turn) => {
    const ids = story.target.tokenizer.promptIds(PROMPTS[0]);
    const prompt = Array.from({ length: 480 }, (_, i) => ids[i % ids.length]);
    const options = { max_new_tokens: 200, temperature: 1, seed: 5, logit_bias: { "0": -100 } };
    const { reason, ids: written } = await expectIdentical(story, prompt, options, turn);
    expect(reason).toBe("length");
    expect(written).toHaveLength(512 - 480);
  });
});
