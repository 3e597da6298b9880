// Any bias that a 32-bit float holds leaves the law that float64 gives, at every temperature and with filters.
import { sample } from "../../../seam/questions/sample.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { select } from "../../../sampling/processors.js";
import type { Model } from "../../../seam/model.js";
import { GREEDY } from "../../../seam/sampler.js";
import type { Session } from "../../../seam/session.js";
import { TINY_MASK, tinyModel } from "../../../testing/tiny-model.js";
import { fileDevice } from "../../../testing/file-device.js";

const gpu = await fileDevice();
let model: Model;
let session: Session;
beforeAll(async () => {
  model = await tinyModel(gpu, 11);
  session = model.session();
});
afterAll(() => {
  session.dispose();
  model.dispose();
});

describe.each([
  { 0: -1e30, 1: -1e30, 3: -1e30 },
  { 0: -1e30, 1: -1e30, 2: -1e30, 3: -1e30 },
  { 2: -1e38 },
  { 1: 3e38 },
  { 1: 3e38, 2: 3e38 },
  { 1: 3e38, 2: 1e38, 3: -3e38 },
  { 0: -3e38, 1: -3e38, 2: -3e38, 3: -3e38, 4: 3e38 },
  { 2: 1e6, 3: 1e6 },
  { 2: 1.5, 3: -0.5 },
] as Record<number, number>[])("biases %o", (biases) => {
  it.each([
    { temperature: 0 },
    { temperature: 0.001 },
    { temperature: 1 },
    { temperature: 100 },
    { temperature: 1, topK: 2 },
    { temperature: 0.001, topP: 0.9 },
    { temperature: 1, minP: 0.2, repetitionPenalty: 1.3 },
  ])("with %o", async (how) => {
    const suppress = [TINY_MASK];
    const tokens = [1, 2, 0, 3];
    const rows = () => session.forward({ tokens, attend: "full", keep: 0 });
    const logits = await rows().logits();
    // Float64 doesn't hold a logit beside 3e38 either: only differences of biases count.
    const allowed = [0, 1, 2, 3].map((id) => biases[id] ?? 0);
    const shifted = new Map(allowed.map((bias, id) => [id, bias - Math.max(...allowed)]));
    for (let seed = 0; seed < 4; seed++) {
      const sampler = { ...GREEDY, ...how, suppress, seed };
      const given = new Map(Object.entries(biases).map(([id, bias]) => [Number(id), bias]));
      const drawn = await rows()
        .ask(sample({ ...sampler, logitBias: given }))
        .read();
      drawn.forEach(({ token, logprob }, row) => {
        const own = logits.subarray(row * 5, row * 5 + 5);
        const at = { position: row, draw: 0, history: tokens };
        const expected = select(own, { ...sampler, logitBias: shifted }, at);
        expect(token).toBe(expected.token);
        expect(logprob).toBeCloseTo(expected.logprob, 4);
      });
    }
  });
});
