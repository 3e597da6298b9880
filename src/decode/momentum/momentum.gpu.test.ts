import { afterAll, beforeAll, expect, it } from "vitest";
import type { Model } from "../../seam/model.js";
import { rehearse } from "../../testing/rehearsal.js";
import { tinyModel } from "../../testing/tiny-model.js";
import { autoregressive } from "../autoregressive/decoder.js";
import { momentum } from "./decoder.js";
import { fileDevice } from "../../testing/file-device.js";

const CAUSAL = { inPlace: false, maskToken: null, bidirectional: false, blockLengths: [] };
const PROMPT = [1, 2, 3];

const gpu = await fileDevice();
let model: Model;
let spoiled: Model;
beforeAll(async () => {
  model = await tinyModel(gpu, 5, CAUSAL);
  spoiled = await tinyModel(gpu, 7, CAUSAL, (name, values) => {
    if (name === "model.norm.weight") values[3] = Number.NaN;
  });
});
afterAll(() => {
  model.dispose();
  spoiled.dispose();
});

const write = (options: Record<string, unknown>, decoder = momentum, target = model) =>
  rehearse({ decoder, models: { target }, promptIds: PROMPT, options: { max_new_tokens: 24, ...options } });

it("momentum decoding on a device is the greedy text where resistance can't count, and takes no forward more", async () => {
  const greedy = await write({}, autoregressive);
  for (const options of [{ alpha: 0 }, { alpha: 1e-30 }]) {
    const { done } = await write(options);
    expect(done.ids).toEqual(greedy.done.ids);
    expect(done.metrics.forwards).toBe(greedy.done.metrics.forwards);
  }
});

it("momentum decoding on a device repeats no two tokens that its table leaves out", async () => {
  const { canvas } = await write({ resistance: { 1: 0 }, top_k: 16 });
  const ids = canvas.ids();
  const pairs = ids.slice(1).map((id, i) => `${ids[i]} ${id}`);
  expect(new Set(pairs).size).toBe(pairs.length);
});

it("momentum decoding of a model whose logits aren't finite ends with an error that names it", async () => {
  const run = write({}, momentum, spoiled);
  await expect(run).rejects.toMatchObject({ code: "not_finite", message: expect.stringContaining(spoiled.name) });
});
