import { beforeAll, describe, expect, it } from "vitest";
import { withConfig } from "../../testing/with-config.js";
import { fileSource } from "../../format/file-source.js";
import type { GenerationEvent } from "../../vocabulary/events.js";
import { type LoadedModel, loadModel } from "../../testing/load-model.js";
import { generate } from "./engine.js";
import { findDecoder } from "../index.js";
import { rehearse, stepsOf } from "../../testing/rehearsal.js";
import { fileDevice } from "../../testing/file-device.js";

const gpu = await fileDevice();
let ar: LoadedModel;
let draft: LoadedModel;
let diffusion: LoadedModel;
beforeAll(async () => {
  const files = fileSource("public/models/stories260k");
  ar = await loadModel(gpu, files);
  draft = await loadModel(gpu, withConfig(files, { num_hidden_layers: 3 }));
  const blocks = fileSource("public/models/story-diffusion");
  diffusion = await loadModel(gpu, withConfig(blocks, { num_hidden_layers: 2 }));
});

/** One run on new sessions, with what it emitted and how often it submitted. */
async function run(name: string, stepsPerSync: number, maxNewTokens: number, own: object = {}) {
  const sessions = { target: ar.model.session(), draft: draft.model.session() };
  const events: GenerationEvent[] = [];
  const { submitCount } = gpu.queue;
  const done = await generate(
    {
      decoder: findDecoder(name),
      promptIds: ar.tokenizer.promptIds("Once upon a time there was"),
      target: sessions.target,
      ...(name === "speculative" ? { draft: sessions.draft, draftCapabilities: draft.model.capabilities } : {}),
      capabilities: ar.model.capabilities,
      options: { temperature: 0.8, seed: 5, max_new_tokens: maxNewTokens, ...own },
      tokenizer: ar.tokenizer,
      stepsPerSync,
    },
    (event) => events.push(event),
  );
  const submits = gpu.queue.submitCount - submitCount;
  sessions.target.dispose();
  sessions.draft.dispose();
  // Times differ, all else must not.
  const steps = events.flatMap((event) =>
    event.type === "step" ? [{ ...event, elapsedMs: undefined, ownMs: undefined }] : [],
  );
  return { ids: done.ids, steps, submits };
}

it.each(["autoregressive", "speculative"])("%s gives the same events with 1 and 4 results a sync", async (name) => {
  const [one, four] = [await run(name, 1, 24), await run(name, 4, 24)];
  expect(one.ids).toHaveLength(24);
  expect(four.ids).toEqual(one.ids);
  expect(four.steps).toEqual(one.steps);
});

describe("block diffusion", () => {
  async function fill(stepsPerSync: number, own: Record<string, unknown>) {
    const { model, tokenizer } = diffusion;
    const target = model.session();
    const { submitCount } = gpu.queue;
    const { events, done } = await rehearse({
      decoder: findDecoder("block-diffusion"),
      models: { target: model },
      target,
      promptIds: tokenizer.promptIds("Once upon a time there was a"),
      options: { temperature: 0.8, seed: 5, max_new_tokens: 28, block_length: 8, logit_bias: { "0": -100 }, ...own },
      stepsPerSync,
    });
    const { forwards } = target.counts;
    target.dispose();
    const steps = stepsOf(events);
    return { edits: steps.map(({ edits }) => edits), done, forwards, submits: gpu.queue.submitCount - submitCount };
  }

  it.each([
    { denoising_steps: 8 },
    { denoising_steps: 6, order: "random" },
    { denoising_steps: 4, schedule: "cosine", repetition_penalty: 1.3 },
    { commit_rule: "left_to_right", block_align: "prompt_end" },
    { commit_rule: "first_hitting" },
  ])("writes the same where several steps share a submit: %o", async (own) => {
    const [one, four] = [await fill(1, own), await fill(4, own)];
    expect(four.edits).toEqual(one.edits);
    expect(four.forwards).toBe(one.forwards);
    expect(one.submits).toBeGreaterThanOrEqual(one.edits.length);
    expect(four.submits).toBeLessThan(0.7 * four.edits.length);
  });

  it("reads each step before the next where what it commits isn't known beforehand", async () => {
    const { submits, edits } = await fill(4, { threshold: 0.4 });
    expect(submits).toBeGreaterThanOrEqual(edits.length);
  });
});

it("submits at most 0.3 times a token where 4 results travel together, and makes no buffer for it", async () => {
  const short = await run("autoregressive", 4, 16);
  const { bufferCount } = gpu.arena;
  const long = await run("autoregressive", 4, 56);
  expect(long.submits - short.submits).toBeLessThanOrEqual(40 * 0.3);
  expect(gpu.arena.bufferCount).toBe(bufferCount);
});

it.each([
  ["device-lookup", {}, true],
  ["recycling", {}, true],
  // Waits for the verdict of the round before, once that one is under way.
  ["prompt-lookup", { draft_timing: "late" }, false],
  ["prompt-lookup", {}, false],
])("rounds of the drafter %s %o share submits: %s", async (drafter, own, shares) => {
  const { steps, submits } = await run("speculative", 4, 40, { drafter, ...own });
  expect(steps.length).toBeGreaterThan(15);
  if (shares) expect(submits).toBeLessThan(0.5 * steps.length);
  else expect(submits).toBeGreaterThanOrEqual(0.9 * steps.length);
});
