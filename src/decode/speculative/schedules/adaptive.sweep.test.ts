import { describe, expect, it } from "vitest";
import { costOfRows, curveOf } from "../../../seam/cost-curve.js";
import { hashedLaw, mixedLaw, scriptedLaw } from "../../../testing/laws.js";
import { mockModel } from "../../../backend/host/mock.js";
import { threefry2x32 } from "../../../sampling/noise.js";
import { Rounds } from "../../../ui/rounds.js";
import { RunView } from "../../../ui/run-view.js";
import { autoregressive } from "../../autoregressive/decoder.js";
import { rehearse, stepsOf } from "../../../testing/rehearsal.js";
import { SimulatedDevice } from "../../../testing/simulated-device.js";
import { speculative } from "../decoder.js";

const VOCAB = 41;
const NUM_PROMPT = 24;
const NUM_NEW = 160;
const LENGTH = NUM_PROMPT + NUM_NEW + 1;

const random = (i: number) => threefry2x32(7, 9, i, 0)[0];
/** Texts of every kind: one that says everything twice and more, one that begins to, one whose short sequences come again with other ends. */
const TEXTS: Record<string, number[]> = {
  repetitive: Array.from({ length: LENGTH }, (_, i) => random(i % 31) % VOCAB),
  "repetitive later": Array.from({ length: LENGTH }, (_, i) => random(i < 100 ? i : i % 17) % VOCAB),
  random: Array.from({ length: LENGTH }, (_, i) => random(i) % VOCAB),
  misleading: Array.from({ length: LENGTH }, (_, i) => (i % 3 === 2 ? random(i) % VOCAB : i % 3)),
};

/** Devices by v(M), a draft model's forward and a round trip. */
const DEVICES = {
  SwiftShader: { forward: { 1: 1, 2: 1.41, 4: 1.82, 8: 2.7, 16: 5.2 }, draft: 0.26, wait: 0.3 },
  lavapipe: { forward: { 1: 1, 2: 1.13, 4: 1.49, 8: 2.1, 16: 3.6 }, draft: 0.2, wait: 0.15 },
  "a GPU that answers late": { forward: { 1: 1, 16: 1.3 }, draft: 0.3, wait: 3 },
};
const FORWARD_MS = 10;

/** Drafters with an adaptive length; the model's share of wrong drafts. */
const WAYS: Record<string, { options: Record<string, unknown>; wrong?: number }> = {
  suffix: { options: { drafter: "suffix" } },
  "prompt-lookup": { options: { drafter: "prompt-lookup" } },
  "suffix, late": { options: { drafter: "suffix", draft_timing: "late" } },
  "device-lookup": { options: { drafter: "device-lookup" } },
  "model, seldom right": { options: { drafter: "model" }, wrong: 0.9 },
  "model, half right": { options: { drafter: "model" }, wrong: 0.5 },
  "model, right": { options: { drafter: "model" }, wrong: 0 },
};

async function time(text: number[], device: keyof typeof DEVICES, way: (typeof WAYS)[string] | null) {
  const { forward, draft, wait } = DEVICES[device];
  const simulated = new SimulatedDevice(wait * FORWARD_MS);
  const curve = curveOf(forward);
  const cost = (share: number) => (numRows: number) => share * FORWARD_MS * costOfRows(curve, numRows);
  const law = scriptedLaw(text, VOCAB);
  const capabilities = { vocabSize: VOCAB, maxLength: 256 };
  const models = {
    target: simulated.model(mockModel({ law, capabilities }), cost(1)),
    draft: simulated.model(
      mockModel({ law: mixedLaw(law, hashedLaw(3, VOCAB), way?.wrong ?? 0), capabilities }),
      cost(draft),
    ),
  };
  const costs = { forward_costs: forward, draft_cost: way?.wrong === undefined ? null : draft, wait_cost: wait };
  const adaptive = { num_assistant_tokens: 7, num_assistant_tokens_schedule: "adaptive", ...costs };
  const { done, events } = await rehearse({
    decoder: way ? speculative : autoregressive,
    models,
    promptIds: text.slice(0, NUM_PROMPT),
    options: { max_new_tokens: NUM_NEW, ...(way ? { ...adaptive, ...way.options } : {}) },
    clock: () => simulated.nowMs,
    pause: () => Promise.resolve(),
  });
  expect(done.ids).toEqual(text.slice(NUM_PROMPT, NUM_PROMPT + NUM_NEW));
  const rounds = new Rounds();
  const view = new RunView();
  view.subscribe((seen) => rounds.add(seen));
  for (const event of events) view.add(event);
  return { ...done.metrics, predicted: rounds.predict(null), steps: stepsOf(events) };
}

describe("adaptive draft lengths on a simulated device", () => {
  const cases = Object.keys(DEVICES).flatMap((device) => Object.keys(TEXTS).map((text) => [device, text] as const));
  it.each(cases)(
    "on %s, %s text: never slower than plain decoding by 3 per cent, and as fast as counts and costs say",
    async (device, text) => {
      const on = device as keyof typeof DEVICES;
      const plain = await time(TEXTS[text], on, null);
      expect(plain.tokensPerSecond).toBeCloseTo(1000 / FORWARD_MS, 9);
      for (const [name, way] of Object.entries(WAYS)) {
        const run = await time(TEXTS[text], on, way);
        const speedUp = run.tokensPerSecond / plain.tokensPerSecond;
        const predicted = run.predicted?.speedUp ?? Number.NaN;
        expect(speedUp, name).toBeGreaterThanOrEqual(0.97);
        // A pipeline of many results that fills and empties once is more of a short run where results come late.
        expect(Math.abs(predicted / speedUp - 1), name).toBeLessThanOrEqual(
          on === "SwiftShader" ? 0.02 : on === "lavapipe" ? 0.035 : 0.07,
        );
        expect(run.predicted?.largest).toBeGreaterThanOrEqual(predicted);
        // The first token isn't held back by what is drafted behind it.
        if (!way.wrong) expect(run.timeToFirstTokenMs).toBeLessThanOrEqual(1.3 * plain.timeToFirstTokenMs);
      }
    },
  );

  it("where nothing is drafted they are plain decoding: every step at the same time, and nothing is waited for", async () => {
    for (const device of Object.keys(DEVICES) as (keyof typeof DEVICES)[]) {
      const plain = await time(TEXTS.random, device, null);
      for (const name of ["suffix", "prompt-lookup"]) {
        const run = await time(TEXTS.random, device, WAYS[name]);
        expect(run.steps.map(({ ownMs }) => ownMs).at(-1)).toBe(plain.steps.map(({ ownMs }) => ownMs).at(-1));
        expect(run).toMatchObject({ proposed: 0, waits: 0, forwards: plain.forwards });
      }
    }
  });

  it("pay where drafts are right, on every device", async () => {
    for (const device of Object.keys(DEVICES) as (keyof typeof DEVICES)[]) {
      for (const name of ["suffix", "prompt-lookup", "suffix, late", "model, right"]) {
        const { tokensPerSecond } = await time(TEXTS.repetitive, device, WAYS[name]);
        expect(tokensPerSecond, `${name} on ${device}`).toBeGreaterThan(1500 / FORWARD_MS);
      }
    }
  });
});
