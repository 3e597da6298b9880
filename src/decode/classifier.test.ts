// Guidance by a linear classifier on tabular models, whose guided law is worked out from the joint.
import { describe, expect, it } from "vitest";
import type { TokenId } from "../events.js";
import { conditional } from "../model/mock-laws.js";
import { blockDiffusion } from "./block-diffusion.js";
import { maskedDiffusion } from "./masked-diffusion.js";
import { hashedModels, rehearse, stepsOf } from "./rehearsal.js";
import {
  distance,
  enumerated,
  exactLaw,
  FIRST,
  indexOf,
  JOINT,
  NUM_TEXTS,
  tabular,
  tabularFull,
  tabularMasksLast,
} from "./tabular.js";
import { windowDiffusion } from "./window-diffusion.js";

const WEIGHTS: Record<TokenId, number> = { 0: 1.5, 2: -0.8 };
const BIAS = -0.7;

/** p(y | x) of these ids. */
const classOf = (ids: readonly TokenId[]) =>
  1 / (1 + Math.exp(-ids.reduce((sum, id) => sum + (WEIGHTS[id] ?? 0), BIAS)));

/** Calls `visit` with each text behind FIRST, and its probability if each token gains scale (1 - p(y | what is before)) weight. */
function walkGuided(scale: number, visit: (text: TokenId[], probability: number) => void): void {
  const walk = (written: TokenId[], probability: number) => {
    if (written.length === JOINT.length - 1) return visit(written, probability);
    const known = [FIRST, ...written];
    const plain = conditional(
      JOINT,
      Array.from({ length: JOINT.length }, (_, i) => known[i]),
      known.length,
    );
    const weights = plain.map((p, id) => p * Math.exp(scale * (1 - classOf(known)) * (WEIGHTS[id] ?? 0)));
    const total = weights.reduce((a, b) => a + b, 0);
    for (const [id, weight] of weights.entries()) walk([...written, id], (probability * weight) / total);
  };
  walk([], 1);
}

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
    for (const classifier_scale of [0, 1, 4]) {
      const options = { commit_rule: "left_to_right", ...guided, classifier_scale };
      const { law } = await enumerated(decoder, model, options);
      const expected = new Float64Array(NUM_TEXTS);
      let probability = 0;
      walkGuided(classifier_scale, (text, p) => {
        expected[indexOf(text)] += p;
        probability += p * classOf([FIRST, ...text]);
      });
      expect(distance(law, expected)).toBeLessThan(1e-6);
      expect(distance(law, exactLaw()) > 0.05).toBe(classifier_scale > 0);
      probabilities.push(probability);
    }
    expect(probabilities).toEqual([...probabilities].sort((a, b) => a - b));
    expect(probabilities[2] - probabilities[0]).toBeGreaterThan(0.1);
  });

  it("writes what it writes without one where it counts nothing, and says that it is approximate", async () => {
    const plain = await write({});
    const none = await write({ ...guided, classifier_scale: 0 });
    expect(stepsOf(none.events).map(({ edits }) => edits)).toEqual(stepsOf(plain.events).map(({ edits }) => edits));
    const { events } = await write({ ...guided, classifier_scale: 20 });
    expect(events[0]).toMatchObject({ fidelity: "approximate" });
    expect(stepsOf(events).map(({ edits }) => edits)).not.toEqual(stepsOf(plain.events).map(({ edits }) => edits));
  });

  it("refuses a scale or a bias without weights, foreign ids, and what it doesn't go with, by name", async () => {
    await expect(write({ classifier_scale: 2 })).rejects.toThrow(/classifier_scale .*classifier_weights/);
    await expect(write({ classifier_bias: 2 })).rejects.toThrow(/classifier_bias .*classifier_weights/);
    await expect(write({ classifier_weights: { 13: 1 } })).rejects.toThrow(/classifier_weights: id 13.*0 to 12/);
    await expect(write({ ...guided, classifier_scale: -1 })).rejects.toThrow(/classifier_scale can't be -1/);
    if (decoder === windowDiffusion) return;
    const weighed = write({ ...guided, energy_candidates: 2 });
    await expect(weighed).rejects.toThrow(/classifier_weights .*energy_candidates/);
  });
});
