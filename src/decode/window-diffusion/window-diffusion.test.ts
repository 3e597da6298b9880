import { describe, expect, it } from "vitest";
import type { ForwardRequest } from "../../seam/forward.js";
import { changedSession } from "../../testing/changed-session.js";
import { hashedModels, rehearse, stepsOf } from "../../testing/rehearsal.js";
import {
  CRITICAL,
  chiSquare,
  distance,
  drawn,
  enumeratedBySteps,
  exactLaw,
  tabularMasksLast,
} from "../../testing/tabular.js";
import { mockModel } from "../../backend/host/mock.js";
import { autoregressive } from "../autoregressive/decoder.js";
import { windowDiffusion } from "./decoder.js";

const MASK = 12;

/** A run on a hashed model, and the forwards that it asked for. */
async function watched(promptIds: number[], options: Record<string, unknown>) {
  const models = hashedModels("masks-last");
  const requests: ForwardRequest[] = [];
  const target = changedSession(models.target.session(), (request) => {
    requests.push(request);
    return request;
  });
  return { ...(await rehearse({ decoder: windowDiffusion, models, target, promptIds, options })), requests };
}

describe("the law of window diffusion on a tabular model", () => {
  const lawOf = (options: Record<string, unknown>) => enumeratedBySteps(windowDiffusion, tabularMasksLast(), options);

  it.each<Record<string, unknown>>([
    { entropy_threshold: 0 },
    { entropy_threshold: 0, window_length: 2 },
    { commit_rule: "first_hitting" },
    { commit_rule: "left_to_right" },
    { commit_rule: "threshold", threshold: 1, confidence_of: "top" },
  ])("is the joint with one commit a step: %o", async (options) =>
    expect(distance(await lawOf(options), exactLaw())).toBeLessThan(1e-6),
  );

  it("is the joint in draws too", async () =>
    expect(
      chiSquare(await drawn(800, windowDiffusion, tabularMasksLast(), { entropy_threshold: 0 }), exactLaw()),
    ).toBeLessThan(CRITICAL));

  it.each([{ entropy_threshold: 10 }, { commit_rule: "threshold", threshold: 0.3 }])(
    "isn't with several commits a step: %o",
    async (options) => expect(distance(await lawOf(options), exactLaw())).toBeGreaterThan(0.01),
  );
});

describe("window diffusion", () => {
  const OPTIONS = { max_new_tokens: 20, window_length: 5, temperature: 0.9, seed: 4 };

  it("reads what is known first, each at its own position, and masks last", async () => {
    const options = { ...OPTIONS, commit_rule: "first_hitting" };
    const { requests, canvas } = await watched([0, 3, 4], options);
    expect(requests.length).toBeGreaterThanOrEqual(20);
    // Some of what was written stood behind the text's end.
    const ids = canvas.ids(MASK);
    let numBeyond = 0;
    let stored = 0;
    for (const { tokens, positions = [], attend, rows, keep } of requests) {
      expect(attend).toBe("causal");
      const firstMask = tokens.indexOf(MASK);
      expect(tokens.slice(firstMask)).toEqual(new Array(5).fill(MASK));
      expect(rows).toEqual([0, 1, 2, 3, 4].map((i) => firstMask + i));
      expect(positions.slice(0, firstMask)).toEqual(positions.slice(0, firstMask).sort((a, b) => a - b));
      for (let i = 0; i < firstMask; i++) expect(tokens[i]).toBe(ids[positions[i]] ?? tokens[i]);
      // What is stored ends where the first mask is.
      expect(positions.slice(0, keep)).toEqual(Array.from({ length: keep }, (_, i) => stored + i));
      stored += keep;
      expect(positions[firstMask]).toBe(stored);
      numBeyond += firstMask - keep;
    }
    expect(numBeyond).toBeGreaterThan(10);
  });

  it("stores without a forward of its own, and asks for masks as long as there is room for them", async () => {
    const { done, target, events } = await watched([0, 3, 4], { ...OPTIONS, entropy_threshold: 1.6 });
    expect(done.ids).toHaveLength(20);
    const steps = stepsOf(events);
    expect(target.counts.forwards).toBe(steps.length);
    expect(steps.length).toBeLessThan(20);
    expect(events[0]).toMatchObject({ fidelity: "approximate", options: { commit_rule: "wedlm" } });
    const whole = await watched([0, 3, 4], { ...OPTIONS, max_new_tokens: 93 });
    expect(whole.done.ids).toHaveLength(93);
  });

  it("stores a long prompt before it asks", async () => {
    const models = hashedModels("masks-last", { maxLength: 700 });
    const promptIds = Array.from({ length: 600 }, (_, i) => i % 11);
    const { target, done, events } = await rehearse({ decoder: windowDiffusion, models, promptIds, options: OPTIONS });
    expect(done.ids).toHaveLength(20);
    expect(target.counts.forwards).toBe(stepsOf(events).length + 1);
    expect(target.counts.rows).toBeLessThan(2 * 600);
  });

  it("fills holes anywhere, by what stands on both sides of them", async () => {
    const infill = async (last: number) => {
      const promptIds = [0, MASK, MASK, ...Array.from({ length: 20 }, (_, i) => i % 11), MASK, last];
      return (await watched(promptIds, { ...OPTIONS, infill: true })).canvas.ids(MASK);
    };
    const filled = await infill(3);
    expect(filled).toHaveLength(25);
    expect(filled).not.toContain(MASK);
    const others = await Promise.all([1, 2, 4, 5].map(async (last) => (await infill(last))[1]));
    expect(new Set(others).size).toBeGreaterThan(1);
  });

  it("refuses rules that count to a last step, and models of another kind, by name", async () => {
    for (const commit_rule of ["quota", "ancestral", "remdm", "edit"]) {
      const run = watched([0, 3], { ...OPTIONS, commit_rule });
      await expect(run).rejects.toThrow(new RegExp(`no last step.*${commit_rule}.*wedlm`));
    }
    await expect(watched([0, 3], { ...OPTIONS, denoising_steps: 3 })).rejects.toThrow(/denoising_steps/);
    await expect(watched([0, 3], { ...OPTIONS, window_length: 0 })).rejects.toThrow(/window_length can't be 0/);
    const on = (kind: "causal" | "blocks") =>
      rehearse({ decoder: windowDiffusion, models: hashedModels(kind), promptIds: [0, 3], options: {} });
    await expect(on("causal")).rejects.toThrow(/mask token/);
    await expect(on("blocks")).rejects.toThrow(/left to right/);
  });
});

it("a model that fills masks is never asked for a mask as the next token", async () => {
  const law = {
    key: () => 0,
    logits: ({ position }: { position: number }) =>
      Float64Array.from({ length: 13 }, (_, id) => (id === MASK ? 9 : id === position % 5 ? 5 : 0)),
  };
  const capabilities = { causal: true, inPlace: true, maskToken: MASK, vocabSize: 13, maxLength: 32, eosTokens: [] };
  const run = { decoder: autoregressive, models: { target: mockModel({ law, capabilities }) }, promptIds: [3] };
  expect((await rehearse({ ...run, options: { max_new_tokens: 6 } })).done.ids).toEqual([0, 1, 2, 3, 4, 0]);
});
