import { describe, expect, it } from "vitest";
import type { StartEvent } from "../vocabulary/events.js";
import type { Capabilities } from "../seam/capabilities.js";
import { anySubset } from "./any-subset/decoder.js";
import { autoregressive } from "./autoregressive/decoder.js";
import { blockDiffusion } from "./block-diffusion/decoder.js";
import type { Decoder } from "./decoder.js";
import { maskedDiffusion } from "./masked-diffusion/decoder.js";
import { hashedModels, rehearse } from "../testing/rehearsal.js";
import { speculative } from "./speculative/decoder.js";
import { windowDiffusion } from "./window-diffusion/decoder.js";

const KINDS: Record<string, Parameters<typeof hashedModels>[0]> = {
  "block-diffusion": "blocks",
  "masked-diffusion": "full",
  "window-diffusion": "masks-last",
  "any-subset": "subsets",
};

async function startOf(
  decoder: Decoder,
  options: Record<string, unknown> = {},
  capabilities: Partial<Capabilities> = {},
  promptIds: readonly number[] = [0, 3, 4, 1],
): Promise<StartEvent> {
  const models = hashedModels(KINDS[decoder.name] ?? "causal", { name: "big", ...capabilities });
  models.draft.capabilities.name = "small";
  const { events } = await rehearse({ decoder, models, promptIds, options: { max_new_tokens: 6, ...options } });
  if (events[0].type !== "start") throw new Error("no start");
  return events[0];
}

const labelOf = async (...given: Parameters<typeof startOf>) => {
  const { fidelity, law } = await startOf(...given);
  return [fidelity, law.sentence];
};

describe("a label says in one sentence", () => {
  it("that drafted text isn't promised id for id where rows that are judged together differ from rows alone", async () => {
    const fidelity = async (options: Record<string, unknown>, unlikeRows?: "trees" | "any") =>
      (await startOf(speculative, options, unlikeRows ? { unlikeRows } : {})).fidelity;
    const [chain, tree] = [{ drafter: "model" }, { drafter: "tree" }];
    expect([await fidelity(chain), await fidelity(tree)]).toEqual(["identical", "identical"]);
    expect([await fidelity(chain, "trees"), await fidelity(tree, "trees")]).toEqual(["identical", "approximate"]);
    expect([await fidelity(chain, "any"), await fidelity(tree, "any")]).toEqual(["approximate", "approximate"]);
    expect((await labelOf(speculative, tree, { unlikeRows: "trees" }))[1]).toMatch(
      /^Near the greedy text of big, .*near tie/,
    );
    expect((await startOf(autoregressive, {}, { unlikeRows: "any" })).fidelity).toBe("exact");
  });

  it("whose law the text has, and how tokens are drawn in it", async () => {
    expect(await labelOf(autoregressive)).toEqual(["exact", "Exactly the greedy text of big."]);
    const sampled = {
      temperature: 0.7,
      top_k: 4,
      top_p: 0.9,
      min_p: 0.1,
      repetition_penalty: 1.2,
      logit_bias: { 1: 2 },
    };
    expect((await labelOf(autoregressive, sampled))[1]).toBe(
      "Exactly big's law at temperature 0.7, top-k 4, top-p 0.9, min-p 0.1, repetition penalty 1.2, logit bias.",
    );
    expect((await labelOf(autoregressive, { repetition_penalty: 1.2 }))[1]).toBe(
      "Exactly the greedy text of big with repetition penalty 1.2.",
    );
    expect(await labelOf(blockDiffusion, { commit_rule: "first_hitting", temperature: 1 })).toEqual([
      "exact",
      "Exactly big's law at temperature 1, one token a forward in random order within blocks of 4.",
    ]);
    expect(await labelOf(anySubset, { temperature: 1 })).toEqual([
      "exact",
      "Exactly big's law at temperature 1, one token a forward from left to right.",
    ]);
    expect(await labelOf(speculative, { temperature: 0.5 })).toEqual([
      "identical",
      "Exactly big's law at temperature 0.5, id for id what autoregressive writes with this seed.",
    ]);
    expect(await labelOf(speculative, { temperature: 0.5, verifier: "block" })).toEqual([
      "distribution",
      "Exactly big's law at temperature 0.5, by other draws than autoregressive's.",
    ]);
  });

  it("why it is only near that law", async () => {
    expect(await labelOf(maskedDiffusion, { temperature: 1, cache: "dual", block_length: 4 })).toEqual([
      "approximate",
      "Near big's law at temperature 1, one token a forward within blocks of 4, but not equal to it: a step may commit several tokens, each drawn without the others; and the cache dual keeps what depends on tokens that are written since.",
    ]);
    const weighed = { energy_candidates: 4, temperature: 0.7, block_length: 4 };
    expect((await startOf(blockDiffusion, weighed)).law.of).toBe("small's law of whole blocks at temperature 0.7");
    const { fidelity, law } = await startOf(speculative, { temperature: 1, verifier: "typical" });
    expect([fidelity, law.why]).toEqual(["approximate", "drafts are kept that it finds likely enough"]);
  });

  it("which LoRA adapter was added to whose weights, ahead of what was rounded behind it", async () => {
    const { law } = await startOf(autoregressive, { temperature: 0 }, { lora: "mine", rounding: "q8" });
    expect(law.rounded).toEqual(["the LoRA adapter mine added to its weights", "weights rounded to 8 bits"]);
  });

  it("what was rounded and left out", async () => {
    const { fidelity, law } = await startOf(autoregressive, {}, { rounding: "q4-int8" });
    expect([fidelity, law.rounded]).toEqual(["exact", ["weights rounded to 4 bits", "activations rounded to 8 bits"]]);
    expect(law.sentence).toBe(
      "Exactly the greedy text of big, with weights rounded to 4 bits and activations rounded to 8 bits.",
    );
    const half = await startOf(autoregressive, {}, { rounding: "f16" });
    expect(half.law.sentence).toBe(
      "Exactly the greedy text of big, with weights and activations multiplied in 16 bits.",
    );
    const kept = await startOf(autoregressive, {}, { rounding: "q8", kvCache: "f16" });
    expect(kept.law.rounded).toEqual(["weights rounded to 8 bits", "keys and values rounded to 16 bits"]);
    const infill = { infill: true, commit_rule: "left_to_right" };
    const holes = [0, 12, 12, 3];
    const ended = await startOf(maskedDiffusion, infill, { eosTokens: [5] }, holes);
    expect([ended.fidelity, ended.law.rounded]).toEqual(["exact", ["end tokens left out of the holes"]]);
    expect((await startOf(maskedDiffusion, infill, {}, holes)).law.rounded).toEqual([]);
  });

  it("of a classifier and of a cache, which are refused where they would count nothing", async () => {
    const one = { commit_rule: "first_hitting", classifier_weights: { 3: 1 } };
    expect((await startOf(blockDiffusion, one)).law.why).toMatch(/^a classifier moves/);
    const cached = { commit_rule: "first_hitting", cache: "dual" };
    expect((await startOf(maskedDiffusion, cached)).law.why).toMatch(/^the cache dual keeps/);
  });

  it("for every decoder", async () => {
    for (const decoder of [blockDiffusion, maskedDiffusion, windowDiffusion, anySubset, speculative, autoregressive]) {
      const { fidelity, law } = await startOf(decoder);
      expect(law.sentence).toMatch(/^(Exactly|Near) .*\.$/);
      expect(law.why === null).toBe(fidelity !== "approximate");
    }
  });
});

describe("quota is exact only where every step commits one", () => {
  const fidelityOf = async (options: Record<string, unknown>, promptIds?: readonly number[]) =>
    (await startOf(blockDiffusion, { commit_rule: "quota", temperature: 1, ...options }, {}, promptIds)).fidelity;
  it.each([
    [{ order: "random" }, "exact"],
    [{ order: "random", schedule: "cosine" }, "approximate"],
    [{ order: "left_to_right", schedule: "cosine" }, "approximate"],
    // A cosine of so many steps that none is due two.
    [{ order: "random", schedule: "cosine", denoising_steps: 4, block_length: 4 }, "approximate"],
    [{ order: "random", denoising_steps: 4, block_length: 4 }, "exact"],
    [{ order: "random", denoising_steps: 3, block_length: 4 }, "approximate"],
    // The prompt fills half of the first block of eight; behind it comes one whole block.
    [{ order: "random", denoising_steps: 4, block_length: 8, max_new_tokens: 4 }, "exact"],
    [{ order: "random", denoising_steps: 4, block_length: 8, max_new_tokens: 5 }, "approximate"],
    [{ order: "random", steps: 4, block_length: 4, max_new_tokens: 4 }, "exact"],
    [{ order: "random", steps: 3, block_length: 4, max_new_tokens: 4 }, "approximate"],
  ])("%o: %s", async (options, fidelity) => expect(await fidelityOf(options)).toBe(fidelity));

  it("also in holes", async () => {
    const holes = { infill: true, order: "random", denoising_steps: 2, block_length: 8 };
    expect(await fidelityOf(holes, [0, 12, 12, 3])).toBe("exact");
    expect(await fidelityOf(holes, [0, 12, 12, 12, 3])).toBe("approximate");
  });
});
