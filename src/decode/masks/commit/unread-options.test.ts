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
    [
      { commit_rule: "p2", block_length: 4, schedule: "cosine" },
      /^schedule cosine changes nothing in blocks of 4 masks/,
    ],
    [
      { commit_rule: "mask_predict", block_length: 4, schedule: "cosine" },
      /^schedule cosine changes nothing in blocks/,
    ],
    [{ commit_rule: "quota", block_length: 2, schedule: "cosine" }, /^schedule cosine changes nothing in blocks of 2/],
    [{ commit_rule: "remdm", denoising_steps: 2, eta: 0.5 }, /^eta 0\.5 changes nothing in denoising_steps 2/],
    [{ commit_rule: "remdm", block_length: 2, remask: "conf" }, /^remask conf changes nothing in blocks of 2 masks/],
    [{ commit_rule: "remdm", remask: "cap", eta: 0 }, /^remask cap changes nothing beside eta 0/],
    [{ commit_rule: "edit", editing_threshold: 1, max_post_steps: 2 }, /^max_post_steps 2 changes nothing beside/],
    [{ commit_rule: "klass", threshold: 1, kl_threshold: 2 }, /^kl_threshold 2 changes nothing beside threshold 1/],
    [{ commit_rule: "klass", threshold: 1, kl_history: 1 }, /^kl_history 1 changes nothing beside threshold 1/],
    [
      { commit_rule: "klass", block_length: 4, kl_history: 9, kl_threshold: 2 },
      /^kl_threshold 2 .* beside kl_history 9/,
    ],
    [{ commit_rule: "hierarchy", threshold: 0.3, low_threshold: 0.35 }, /^low_threshold 0\.35 changes nothing beside/],
    [{ commit_rule: "credit", threshold: 0, confidence: "margin" }, /^confidence changes nothing beside threshold 0/],
    [{ commit_rule: "credit", threshold: 0, credit_decay: 0.5 }, /^credit_decay changes nothing where a block/],
    [{ classifier_scale: 2 }, /classifier_scale is an option of a classifier/],
  ])("%o", async (options, message) => {
    for (const decoder of [blockDiffusion, maskedDiffusion]) {
      await expect(write(decoder, options)).rejects.toThrow(message);
      await expect(write(decoder, options)).rejects.toMatchObject({ name: "InvalidOptionError" });
    }
  });

  it("where a step has one mask, but by rules that rewrite it", async () => {
    const one = { [maskedDiffusion.name]: "block_length", [windowDiffusion.name]: "window_length" };
    for (const decoder of [maskedDiffusion, windowDiffusion]) {
      const single = { [one[decoder.name]]: 1 };
      await expect(write(decoder, { ...single, commit_rule: "factor" })).rejects.toThrow(
        /^commit_rule factor changes nothing/,
      );
      const own = decoder === windowDiffusion ? { entropy_threshold: 1 } : { threshold: 0.7 };
      await expect(write(decoder, { ...single, ...own })).rejects.toThrow(
        /changes nothing beside (block|window)_length 1/,
      );
    }
    const rewritten = { block_length: 1, commit_rule: "edit", editing_threshold: 0.2 };
    expect((await write(maskedDiffusion, rewritten)).done.ids).toHaveLength(4);
  });

  it("a cache of blocks that are written in one step", async () => {
    for (const cache of ["prefix", "dual"]) {
      for (const own of [
        { threshold: 0 },
        { denoising_steps: 1 },
        { block_length: 1 },
        { block_length: 2, steps: 2 },
      ]) {
        await expect(write(maskedDiffusion, { cache, ...own })).rejects.toThrow(
          new RegExp(`^cache ${cache} changes nothing where each block is written in one step`),
        );
      }
    }
    expect((await write(maskedDiffusion, { cache: "delayed", denoising_steps: 1 })).done.ids).toHaveLength(4);
  });

  it("a choice among block lengths where there is one", async () => {
    const only = { block_rule: "entropy_run", block_length: 4, min_block_length: 4 };
    await expect(write(blockDiffusion, only)).rejects.toThrow(
      /^block_rule entropy_run changes nothing where all blocks are 4/,
    );
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
