import { describe, expect, it } from "vitest";
import type { Decoder } from "../../decoder.js";
import { blockDiffusion } from "../../block-diffusion/decoder.js";
import { maskedDiffusion } from "../../masked-diffusion/decoder.js";
import { hashedModels, rehearse } from "../../../testing/rehearsal.js";
import { windowDiffusion } from "../../window-diffusion/decoder.js";

const write = (decoder: Decoder, options: Record<string, unknown>) => {
  const kinds = { "block-diffusion": "blocks", "masked-diffusion": "full", "window-diffusion": "masks-last" } as const;
  const models = hashedModels(kinds[decoder.name as keyof typeof kinds]);
  const sizes = { max_new_tokens: 4, temperature: 1 };
  return rehearse({ decoder, models, promptIds: [0, 3, 4, 1], options: { ...sizes, ...options } });
};

describe("an option that changes nothing beside the others is refused by name", () => {
  it.each<[Record<string, unknown>, RegExp]>([
    [
      { commit_rule: "quota", order: "random", confidence: "margin" },
      /^confidence changes nothing beside order random/,
    ],
    [{ commit_rule: "quota", order: "left_to_right", confidence_of: "top" }, /^confidence_of changes nothing beside/],
    // Also where it is what it would be anyway.
    [{ denoising_steps: 2, order: "random", confidence: "probability" }, /^confidence changes nothing beside/],
    [{ commit_rule: "quota", confidence: "neg_entropy", confidence_of: "top" }, /^confidence_of changes nothing/],
    [{ commit_rule: "hierarchy", confidence: "neg_entropy", confidence_of: "drawn" }, /^confidence_of changes nothing/],
    [{ commit_rule: "factor", confidence: "neg_entropy", confidence_of: "drawn" }, /^confidence_of changes nothing/],
    [{ threshold: 0, order: "random" }, /^order changes nothing beside threshold 0/],
    [{ threshold: 0, confidence: "margin" }, /^confidence changes nothing beside threshold 0/],
    [
      { commit_rule: "hierarchy", threshold: 0, confidence: "margin" },
      /^confidence changes nothing beside threshold 0/,
    ],
    [
      { commit_rule: "credit", credit_weight: 0, credit_decay: 0.5 },
      /^credit_decay changes nothing beside credit_weight/,
    ],
    [
      { commit_rule: "credit", credit_weight: 0, credit_power: 0.5 },
      /^credit_power changes nothing beside credit_weight/,
    ],
    [{ denoising_steps: 1, schedule: "cosine" }, /^schedule changes nothing beside denoising_steps 1/],
    [{ commit_rule: "p2", steps: 1, schedule: "cosine" }, /^schedule changes nothing beside steps 1/],
    [{ commit_rule: "first_hitting", order: "random" }, /^order is an option of the commit_rule/],
    [{ classifier_scale: 2 }, /classifier_scale is an option of a classifier/],
  ])("%o", async (options, message) => {
    for (const decoder of [blockDiffusion, maskedDiffusion]) {
      await expect(write(decoder, options)).rejects.toThrow(message);
      await expect(write(decoder, options)).rejects.toMatchObject({ name: "InvalidOptionError" });
    }
  });

  it("by window-diffusion too", async () => {
    await expect(write(windowDiffusion, { commit_rule: "threshold", threshold: 0, order: "random" })).rejects.toThrow(
      /^order changes nothing beside threshold 0/,
    );
    await expect(write(windowDiffusion, { threshold: 0.5 })).rejects.toThrow(/threshold is an option of/);
  });

  it("and what it would change is taken", async () => {
    for (const options of [
      { commit_rule: "quota", confidence: "margin" },
      { threshold: 0.3, order: "random", confidence: "margin" },
      { denoising_steps: 2, schedule: "cosine" },
      { commit_rule: "quota", confidence: "neg_entropy" },
    ]) {
      expect((await write(blockDiffusion, options)).done.ids.length).toBeGreaterThan(0);
    }
  });
});
