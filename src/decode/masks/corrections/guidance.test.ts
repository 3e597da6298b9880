// Classifier-free guidance on tabular models, whose guided law is worked out from the joint.
import { TWIN } from "../../../extension/twin/key.js";
import { describe, expect, it } from "vitest";
import { blockDiffusion } from "../../block-diffusion/decoder.js";
import { maskedDiffusion } from "../../masked-diffusion/decoder.js";
import { hashedModels, rehearse } from "../../../testing/rehearsal.js";
import {
  distance,
  enumeratedBySteps,
  exactLaw,
  FIRST,
  lawBehind,
  sequentialLaw,
  tabular,
  tabularFull,
} from "../../../testing/tabular.js";

/** The law of the tokens behind FIRST, each drawn behind those before it from p(. | all)^(1+w) / p(. | all but the prompt)^w. */
function guidedLaw(scale: number): Float64Array {
  return sequentialLaw((written) => {
    const [prompted, unprompted] = [lawBehind([FIRST, ...written]), lawBehind([undefined, ...written])];
    return prompted.map((p, id) => p ** (1 + scale) / unprompted[id] ** scale);
  });
}

describe.each([
  { decoder: blockDiffusion, model: tabular(4), models: hashedModels("blocks") },
  { decoder: maskedDiffusion, model: tabularFull(), models: hashedModels("full") },
])("guidance of $decoder.name", ({ decoder, model, models }) => {
  const promptIds = [0, 3, 4, 1, 2, 6];
  const write = (options: Record<string, unknown>) =>
    rehearse({
      decoder,
      models,
      promptIds,
      options: { max_new_tokens: 14, temperature: 0.8, threshold: 0.3, ...options },
    });

  it("has the guided law, which is not the model's", async () => {
    const options = { commit_rule: "left_to_right", cfg_scale: 1.5 };
    const law = await enumeratedBySteps(decoder, model, options);
    expect(distance(law, guidedLaw(1.5))).toBeLessThan(1e-9);
    expect(distance(law, exactLaw())).toBeGreaterThan(0.05);
    const off = await enumeratedBySteps(decoder, model, { ...options, cfg_scale: 0 });
    expect(distance(off, exactLaw())).toBeLessThan(1e-9);
  });

  it("doubles the forwards and says that it is approximate; 0 is off", async () => {
    const plain = await write({});
    const off = await write({ cfg_scale: 0 });
    expect(off.done.ids).toEqual(plain.done.ids);
    expect(off.done.metrics).toEqual(plain.done.metrics);
    const guided = await write({ cfg_scale: 2 });
    expect(guided.done.ids).not.toEqual(plain.done.ids);
    expect(guided.done.metrics.draftForwards).toBe(guided.done.metrics.forwards);
    expect(guided.done.metrics.forwardsBy).toEqual({ guide: guided.done.metrics.forwards });
    const [start] = guided.events;
    expect(start.type === "start" && [start.fidelity, start.boundNats]).toEqual(["approximate", undefined]);
  });

  it("reads the text with all of its prompt masked", async () => {
    const seen: string[] = [];
    const session = models.target.session();
    const twin = session.beside(TWIN);
    const forward = twin.forward.bind(twin);
    twin.forward = (request) => {
      const start = request.slots ? Number.NaN : twin.length;
      seen.push(request.tokens.slice(0, Math.max(0, promptIds.length - start)).join());
      return forward(request);
    };
    const options = { max_new_tokens: 8, temperature: 0.8, threshold: 0.3, cfg_scale: 1 };
    await rehearse({ decoder, models, promptIds, options, target: session });
    const { maskToken } = models.target.capabilities;
    expect(seen.length).toBeGreaterThan(1);
    for (const prompt of seen)
      expect(
        prompt
          .split(",")
          .filter(Boolean)
          .every((id) => Number(id) === maskToken),
      ).toBe(true);
  });
});

it("is refused where it has no meaning, by name", async () => {
  const run = { decoder: blockDiffusion, models: hashedModels("blocks"), promptIds: [1, 2] };
  const energy = { cfg_scale: 1, energy_candidates: 3, temperature: 1 };
  await expect(rehearse({ ...run, options: energy })).rejects.toThrow(/cfg_scale doesn't go with energy_candidates/);
  await expect(rehearse({ ...run, options: { cfg_scale: -1 } })).rejects.toThrow(/cfg_scale can't be -1/);
  const full = { decoder: maskedDiffusion, models: hashedModels("full"), promptIds: [1, 2] };
  const cached = { cfg_scale: 1, cache: "dual" };
  await expect(rehearse({ ...full, options: cached })).rejects.toThrow(/cfg_scale doesn't go with cache dual/);
});
