import { JOINT_SAMPLER } from "../../../extension/joint-sampler/key.js";
import { describe, expect, it, vi } from "vitest";
import type { Law } from "../../../backend/host/law.js";
import { conditional, tabularLaw } from "../../../testing/laws.js";
import { mockModel } from "../../../backend/host/mock.js";
import type { Capabilities } from "../../../seam/capabilities.js";
import { stateOf } from "../../../seam/row-input.js";
import { maskedDiffusion } from "../../masked-diffusion/decoder.js";
import { hashedModels, rehearse, stepsOf } from "../../../testing/rehearsal.js";
import { distance, enumerated, exactLaw, FIRST, JOINT, tabularFull } from "../../../testing/tabular.js";

const MASK = JOINT.numTokens;

/** A masked model that knows the joint law, with a joint sampler that says what this law says. */
const tabularJoint = (head: Law) =>
  mockModel({
    law: tabularLaw(JOINT, MASK),
    head,
    headKind: "joint",
    capabilities: {
      causal: false,
      bidirectional: true,
      inPlace: true,
      maskToken: MASK,
      vocabSize: MASK + 1,
      maxLength: JOINT.length,
    },
  });

/** Knows what a position's law is on this canvas, without what was written since. */
const behindPrompt: Law = {
  key: () => 0,
  logits({ position }) {
    const known = Array.from({ length: JOINT.length }, (_, i) => (i === 0 ? FIRST : undefined));
    const law = conditional(JOINT, known, position);
    return Float64Array.from({ length: MASK + 1 }, (_, id) => (id < MASK ? Math.log(law[id]) : -30));
  },
};

const BY_ENTROPY = { commit_rule: "quota", confidence: "neg_entropy" };

describe("the law of joint sampling on a tabular model", () => {
  it.each([2, 3])("is the joint, a forward for each %i steps, where the sampler knows it", async (joint_steps) => {
    const { law } = await enumerated(maskedDiffusion, tabularJoint(tabularLaw(JOINT, MASK)), {
      ...BY_ENTROPY,
      joint_steps,
    });
    expect(distance(law, exactLaw())).toBeLessThan(1e-6);
  });

  it("is that of marginals where the sampler learns nothing of what was written", async () => {
    const options = { ...BY_ENTROPY, joint_steps: 3 };
    const { law } = await enumerated(maskedDiffusion, tabularJoint(behindPrompt), options);
    const { law: oneShot } = await enumerated(maskedDiffusion, tabularFull(), { ...BY_ENTROPY, denoising_steps: 1 });
    expect(distance(law, oneShot)).toBeLessThan(1e-6);
    expect(distance(law, exactLaw())).toBeGreaterThan(0.05);
  });
});

describe("joint sampling", () => {
  const write = async (own: Record<string, unknown>, capabilities: Partial<Capabilities> = {}) => {
    const { target } = hashedModels("full", capabilities);
    const options = { max_new_tokens: 10, block_length: 10, ...BY_ENTROPY, ...own };
    const run = await rehearse({ decoder: maskedDiffusion, models: { target }, promptIds: [0, 3, 4], options });
    return { ...run, edits: stepsOf(run.events).map(({ edits }) => edits) };
  };

  it("with one step a forward is none", async () => {
    const [plain, one] = [await write({}), await write({ joint_steps: 1 })];
    expect(one.edits).toEqual(plain.edits);
    expect(one.done.metrics).toMatchObject({ forwards: 10, draftForwards: 0 });
    expect(one.events[0]).toMatchObject({ fidelity: plain.events[0].type === "start" && plain.events[0].fidelity });
  });

  it.each([true, false])("asks the model in every third step, and says so (in place: %s)", async (inPlace) => {
    const { edits, done, events } = await write({ joint_steps: 3 }, { inPlace });
    expect(done.metrics).toMatchObject({ forwards: 4, draftForwards: 6 });
    expect(done.metrics.forwardsBy).toEqual({ joint: 6 });
    expect(stepsOf(events).map(({ forwards }) => forwards)).toEqual([1, 0, 0, 1, 0, 0, 1, 0, 0, 1]);
    expect(events[0]).toMatchObject({ fidelity: "approximate" });
    const plain = await write({}, { inPlace });
    expect(edits[0]).toEqual(plain.edits[0]);
    expect(edits).not.toEqual(plain.edits);
  });

  it.each([true, false])("reads the model's states once, then the sampler's own (in place: %s)", async (inPlace) => {
    const { target: model } = hashedModels("full", { inPlace });
    const target = model.session();
    const asked = vi.spyOn(target.beside(JOINT_SAMPLER), "forward");
    const options = { max_new_tokens: 5, block_length: 5, ...BY_ENTROPY, joint_steps: 4 };
    await rehearse({ decoder: maskedDiffusion, models: { target: model }, target, promptIds: [0, 3], options });
    const states = asked.mock.calls.map(([{ tokens }]) =>
      tokens.map((input) => `${stateOf(input)?.of} ${stateOf(input)?.row}`),
    );
    const rows = (of: string, list: readonly number[]) => list.map((row) => `${of} ${row}`);
    const own = rows("head", [0, 1, 2, 3, 4, 5, 6]);
    const first = rows("trunk", inPlace ? [0, 1, 2, 3, 4, 5, 6] : [0, 0, 1, 2, 3, 4, 5]);
    expect(states).toEqual([first, own, own]);
  });

  it.each([
    [{ cache: "prefix" }, /joint_steps doesn't go with cache/],
    [{ cfg_scale: 1 }, /joint_steps doesn't go with cfg_scale/],
    [{ energy_candidates: 2, temperature: 1 }, /joint_steps doesn't go with energy_candidates/],
    [{ joint_steps: 0 }, /joint_steps/],
  ])("is refused beside %o", async (own, message) =>
    expect(write({ joint_steps: 2, ...own })).rejects.toThrow(message),
  );

  it("needs a joint sampler, not another head, and says how to load one", async () => {
    for (const headKind of ["eagle", undefined] as const) {
      const target = mockModel({
        law: behindPrompt,
        ...(headKind ? { head: behindPrompt, headKind } : {}),
        capabilities: { bidirectional: true, maskToken: MASK, vocabSize: MASK + 1 },
      });
      const run = rehearse({
        decoder: maskedDiffusion,
        models: { target },
        promptIds: [0],
        options: { joint_steps: 2 },
      });
      await expect(run).rejects.toThrow(
        /needs a model loaded with a joint sampler \(load\(url, \{ head \}\), or --head\)/,
      );
    }
  });
});
