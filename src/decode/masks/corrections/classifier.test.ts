// Guidance by a linear classifier on tabular models, whose guided law is worked out from the joint.
import { describe, expect, it } from "vitest";
import type { TokenId } from "../../../vocabulary/events.js";
import { blockDiffusion } from "../../block-diffusion/decoder.js";
import { maskedDiffusion } from "../../masked-diffusion/decoder.js";
import { hashedModels, rehearse, stepsOf } from "../../../testing/rehearsal.js";
import {
  distance,
  enumeratedBySteps,
  exactLaw,
  FIRST,
  lawBehind,
  sequentialLaw,
  tabular,
  tabularFull,
  tabularMasksLast,
} from "../../../testing/tabular.js";
import { windowDiffusion } from "../../window-diffusion/decoder.js";

const WEIGHTS: Record<TokenId, number> = { 0: 1.5, 2: -0.8 };
const BIAS = -0.7;

/** p(y | x) of these ids. */
const classOf = (ids: readonly TokenId[]) =>
  1 / (1 + Math.exp(-ids.reduce((sum, id) => sum + (WEIGHTS[id] ?? 0), BIAS)));

/** The law of a text each token of which gains scale (1 - p(y | what is before)) times its weight. */
function guidedLaw(scale: number): Float64Array {
  return sequentialLaw((written) => {
    const slope = scale * (1 - classOf([FIRST, ...written]));
    return lawBehind([FIRST, ...written]).map((p, id) => p * Math.exp(slope * (WEIGHTS[id] ?? 0)));
  });
}

/** p(y) under a law of the text behind FIRST. */
const probabilityOf = (law: Float64Array) =>
  law.reduce(
    (sum, p, index) => sum + p * classOf([FIRST, Math.floor(index / 9), Math.floor(index / 3) % 3, index % 3]),
    0,
  );

describe.each([
  { decoder: blockDiffusion, model: tabular(4), models: hashedModels("blocks") },
  { decoder: maskedDiffusion, model: tabularFull(), models: hashedModels("full") },
  { decoder: windowDiffusion, model: tabularMasksLast(), models: hashedModels("masks-last") },
])("$decoder.name guided by a classifier", ({ decoder, model, models }) => {
  const guided = { classifier_weights: WEIGHTS, classifier_bias: BIAS };
  const write = (options: Record<string, unknown>) =>
    rehearse({ decoder, models, promptIds: [0, 3, 4], options: { max_new_tokens: 14, temperature: 0.8, ...options } });

  it("has the guided law, which is not the model's, and in which the class is likelier the larger the scale", async () => {
    const probabilities: number[] = [];
    for (const classifier_scale of [0.01, 1, 4]) {
      const options = { commit_rule: "left_to_right", ...guided, classifier_scale };
      const law = await enumeratedBySteps(decoder, model, options);
      expect(distance(law, guidedLaw(classifier_scale))).toBeLessThan(1e-6);
      expect(distance(law, exactLaw()) > 0.05).toBe(classifier_scale >= 1);
      probabilities.push(probabilityOf(law));
    }
    expect(probabilities).toEqual([...probabilities].sort((a, b) => a - b));
    expect(probabilities[2] - probabilities[0]).toBeGreaterThan(0.1);
  });

  it("writes another text, and says that it is approximate", async () => {
    const plain = await write({});
    const { events } = await write({ ...guided, classifier_scale: 20 });
    expect(events[0]).toMatchObject({ fidelity: "approximate" });
    expect(stepsOf(events).map(({ edits }) => edits)).not.toEqual(stepsOf(plain.events).map(({ edits }) => edits));
  });

  it("refuses a scale or a bias without weights, foreign ids, and what it doesn't go with, by name", async () => {
    await expect(write({ classifier_scale: 2 })).rejects.toThrow(/classifier_scale .*classifier_weights/);
    await expect(write({ classifier_bias: 2 })).rejects.toThrow(/classifier_bias .*classifier_weights/);
    await expect(write({ classifier_weights: { 13: 1 } })).rejects.toThrow(/classifier_weights: id 13.*0 to 12/);
    await expect(write({ ...guided, classifier_scale: 0 })).rejects.toThrow(
      /^classifier_weights changes nothing beside/,
    );
    const idle = { classifier_weights: { 3: 0, 4: 0 } };
    await expect(write(idle)).rejects.toThrow(/^classifier_weights changes nothing with weights of 0/);
    await expect(write({ ...guided, classifier_scale: -1 })).rejects.toThrow(/classifier_scale can't be -1/);
    if (decoder === windowDiffusion) return;
    const weighed = write({ ...guided, energy_candidates: 2 });
    await expect(weighed).rejects.toThrow(/classifier_weights .*energy_candidates/);
  });
});
