import { afterAll, beforeAll, expect, it } from "vitest";
import type { Model } from "../../seam/model.js";
import { rehearse } from "../../testing/rehearsal.js";
import { tinyModel } from "../../testing/tiny-model.js";
import { autoregressive } from "../autoregressive/decoder.js";
import { momentum } from "./decoder.js";
import { fileDevice } from "../../testing/file-device.js";
import { openDevice } from "../../backend/webgpu/gpu/device.js";
import { warmUpFor } from "../../backend/webgpu/load/warm-up.js";
import type { ComingRun } from "../../seam/usual-forwards.js";
import { definedChoice } from "../../testing/defined-length.js";

const CAUSAL = { inPlace: false, maskToken: null, bidirectional: false, blockLengths: [] };
const PROMPT = [1, 2, 3];
const PAPER: Readonly<Record<number, number>> = { 1: 1, 2: 2, 3: 3, 4: 4, 5: 5 };

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

it("momentum decoding on a device writes what its definition takes of all logits, to the context's end", async () => {
  const wide = await tinyModel(gpu, 11, { ...CAUSAL, vocabSize: 67, maxLength: 48 });
  const taken = new Set<number>();
  for (const options of [
    {},
    { top_k: 10, alpha: 0.5 },
    { top_k: 64, alpha: 0.1, resistance: { 1: 0, 2: 1 } as typeof PAPER },
  ]) {
    const { alpha = 0.2, top_k = 5, resistance = PAPER } = options;
    const byLength = [1, 2, 3, 4, 5].map((length) => alpha * (resistance[length] ?? Infinity));
    const { done } = await write({ ...options, max_new_tokens: 100 }, momentum, wide);
    const text = [...PROMPT, ...done.ids];
    expect(text).toHaveLength(48);
    const session = wide.session();
    const logits = await session.forward({ tokens: text, attend: "causal", keep: 0 }).logits();
    session.dispose();
    for (let row = PROMPT.length - 1; row + 1 < text.length; row++) {
      const weights = Array.from(logits.subarray(row * 67, (row + 1) * 67), Math.exp);
      const total = weights.reduce((a, b) => a + b);
      const candidates = weights
        .map((weight, token) => ({ token, probability: weight / total }))
        .sort((a, b) => b.probability - a.probability)
        .slice(0, top_k);
      const { place } = definedChoice(candidates, text.slice(0, row + 1), [0, ...byLength]);
      expect(text[row + 1]).toBe(candidates[place].token);
      taken.add(place);
    }
  }
  expect(taken.size).toBeGreaterThan(3);
  wide.dispose();
});

it("what momentum decoding asks of each row is compiled before the run's clock starts", async () => {
  const own = await openDevice();
  const target = await tinyModel(own, 5, CAUSAL);
  let stalls = 0;
  const warmUp = async (run: ComingRun) => {
    await warmUpFor(run);
    stalls = own.kernels.stallCount;
  };
  const options = { max_new_tokens: 6 };
  const { done } = await rehearse({ decoder: momentum, models: { target }, promptIds: PROMPT, options, warmUp });
  expect(done.ids).toHaveLength(6);
  expect(own.kernels.stallCount).toBe(stalls);
  own.dispose();
});
