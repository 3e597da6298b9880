// What a device can't do at once is done in parts, or refused as an option: never as a fault of ours.
import { afterAll, beforeAll, expect, it } from "vitest";
import { InvalidOptionError } from "../../vocabulary/errors.js";
import { type Gpu, openDevice } from "../../backend/webgpu/gpu/device.js";
import { tinyModel } from "../../testing/tiny-model.js";
import { maskedDiffusion } from "../masked-diffusion/decoder.js";
import { rehearse } from "../../testing/rehearsal.js";

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openDevice();
});
afterAll(() => {
  expect(gpu.uncaptured).toEqual([]);
  gpu.dispose();
});

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
  expect(() => rows.argmax()).toThrow(InvalidOptionError);
  session.dispose();
  model.dispose();
});
