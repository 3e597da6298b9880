// What a device can't do at once is done in parts, or refused as an option: never as a fault of ours.
import type { Architecture } from "../../architecture/architecture.js";
import { GREEDY } from "../../seam/sampler.js";
import { ARGMAX, sample } from "../../seam/questions/sample.js";
import { expect, it } from "vitest";
import { InvalidOptionError } from "../../vocabulary/errors.js";
import { TINY_MASK, tinyModel } from "../../testing/tiny-model.js";
import { maskedDiffusion } from "../masked-diffusion/decoder.js";
import { rehearse } from "../../testing/rehearsal.js";
import { fileDevice } from "../../testing/file-device.js";

const gpu = await fileDevice();

it("masked-diffusion reads a canvas of 600 tokens whole", async () => {
  const model = await tinyModel(gpu, 4, { causal: false, blockLengths: [], maxLength: 640 });
  const run = { decoder: maskedDiffusion, models: { target: model }, promptIds: [1, 2] };
  const options = { max_new_tokens: 600, block_length: 64, denoising_steps: 1, temperature: 1 };
  const { done, target } = await rehearse({ ...run, options });
  expect(done.ids).toHaveLength(600);
  expect(done.metrics.forwards).toBe(10);
  target.dispose();
  model.dispose();
});

it("a forward of more rows than fit, and a choice for more than fit, are option errors", async () => {
  const model = await tinyModel(gpu, 4, { maxLength: 640 });
  const session = model.session();
  const tokens = new Array<number>(600).fill(1);
  expect(() => session.forward({ tokens, attend: "full", keep: 0 })).toThrow(InvalidOptionError);
  expect(session.counts.forwards).toBe(0);
  const rows = session.forward({ tokens: tokens.slice(0, 100), attend: "full", keep: 0 });
  expect(() => rows.ask(ARGMAX)).toThrow(InvalidOptionError);
  session.dispose();
  model.dispose();
});

it("rows answer as before when other sessions have read so much that the rows' inputs are overwritten", async () => {
  const model = await tinyModel(gpu, 4, { maxLength: 640 });
  const [own, other] = [model.session(), model.session()];
  const sampler = { ...GREEDY, temperature: 1, seed: 3 };
  const rows = own.forward({ tokens: [1, 2, 3, 1], attend: "causal", rows: [1, 3], keep: 0 });
  const before = await rows.ask(sample(sampler)).read();
  const text = Array.from({ length: 500 }, (_, i) => i % 4);
  for (let numWords = 0; numWords < 70_000; numWords += 5 * text.length) {
    other.forward({ tokens: text, attend: "causal", rows: [], keep: 500 });
    other.truncate(0);
  }
  expect(await rows.ask(sample(sampler)).read()).toEqual(before);
  for (const session of [own, other]) session.dispose();
  model.dispose();
});

it("as many candidates of as long a block as there may be are weighed", async () => {
  const whole = await tinyModel(gpu, 4, { causal: false, blockLengths: [], maxLength: 160 });
  const causal: Partial<Architecture> = { inPlace: false, maskToken: null, bidirectional: false, blockLengths: [] };
  const draft = await tinyModel(gpu, 5, { ...causal, maxLength: 160 });
  const behind = Array.from({ length: 80 }, (_, i) => (i * 3) % 4);
  const run = { decoder: maskedDiffusion, models: { target: whole, draft } };
  const sizes = { temperature: 1, energy_candidates: 64, block_length: 64, denoising_steps: 1 };
  const long = { ...run, promptIds: [1, 2], options: { ...sizes, max_new_tokens: 64 } };
  const holes = { ...run, promptIds: [1, TINY_MASK, TINY_MASK, ...behind], options: { ...sizes, infill: true } };
  for (const [each, numTokens] of [
    [long, 64],
    [holes, 82],
  ] as const) {
    const { done, ...sessions } = await rehearse(each);
    expect(done.ids).toHaveLength(numTokens);
    expect(done.metrics.draftForwards).toBeGreaterThanOrEqual(64);
    for (const session of [sessions.target, sessions.draft]) session?.dispose();
  }
  for (const model of [whole, draft]) model.dispose();
}, 60_000);

it("a tree whose paths don't fit is refused as a request of the user's", async () => {
  const model = await tinyModel(gpu, 4, { maxLength: 640 });
  const session = model.session();
  const tokens = new Array<number>(400).fill(1);
  const forward = () => session.forward({ tokens, attend: { parents: tokens.map((_, row) => row - 1) }, keep: 0 });
  expect(forward).toThrow(InvalidOptionError);
  expect(session.counts.forwards).toBe(0);
  session.dispose();
  model.dispose();
});
