import { describe, expect, it } from "vitest";
import type { Law } from "../../backend/host/law.js";
import { mockModel } from "../../backend/host/mock.js";
import type { Model } from "../../seam/model.js";
import { blockDiffusion } from "../block-diffusion/decoder.js";
import type { Decoder } from "../decoder.js";
import { maskedDiffusion } from "./decoder.js";
import { hashedModels, rehearse, stepsOf } from "../../testing/rehearsal.js";
import { distance, enumeratedBySteps, exactLaw, FIRST, tabular, tabularFull } from "../../testing/tabular.js";

const lawOf = (options: Record<string, unknown>) => enumeratedBySteps(maskedDiffusion, tabularFull(), options);

describe("the law of masked diffusion on a tabular model", () => {
  it.each<Record<string, unknown>>([
    { commit_rule: "first_hitting" },
    { commit_rule: "quota", confidence_of: "top" },
    { commit_rule: "first_hitting", block_length: 2 },
    { commit_rule: "quota", order: "random" },
    { commit_rule: "quota", order: "left_to_right" },
  ])("is the joint with one commit a step: %o", async (options) =>
    expect(distance(await lawOf(options), exactLaw())).toBeLessThan(1e-6),
  );

  it("is not when all are committed at once", async () =>
    expect(distance(await lawOf({ denoising_steps: 1 }), exactLaw())).toBeGreaterThan(0.05));
});

it("masked diffusion is block diffusion whose block holds all of the text, edit for edit", async () => {
  const texts = new Set<string>();
  for (const options of [
    { commit_rule: "quota" },
    { commit_rule: "quota", order: "random", denoising_steps: 2 },
    { commit_rule: "ancestral", denoising_steps: 3 },
    { commit_rule: "remdm", denoising_steps: 6 },
    { commit_rule: "entropy_bound", entropy_bound: 1 },
  ]) {
    for (let seed = 0; seed < 20; seed++) {
      const written = async (decoder: Decoder, target: Model) => {
        const run = { decoder, models: { target }, promptIds: [FIRST] };
        const whole = await rehearse({ ...run, options: { max_new_tokens: 3, temperature: 1, seed, ...options } });
        return { edits: stepsOf(whole.events).map(({ edits }) => edits), ids: whole.done.ids };
      };
      const { edits, ids } = await written(maskedDiffusion, tabularFull());
      expect((await written(blockDiffusion, tabular(4))).edits).toEqual(edits);
      texts.add(ids.join());
    }
  }
  expect(texts.size).toBeGreaterThan(10);
});

describe("masked diffusion", () => {
  const models = hashedModels("full");
  const run = { decoder: maskedDiffusion, models, promptIds: [0, 3, 4] };

  it("opens all masks in its first step, fills them block after block, and reads all in every forward", async () => {
    const options = { max_new_tokens: 10, block_length: 4, commit_rule: "quota" };
    const { events, target, canvas } = await rehearse({ ...run, options });
    const steps = stepsOf(events);
    expect(steps[0].edits.filter(({ op }) => op === "insert")).toHaveLength(10);
    const written = steps.map(({ edits }) =>
      edits.flatMap((edit) => (edit.op === "write" ? [Math.floor((canvas.position(edit.slot) - 3) / 4)] : [])),
    );
    expect(written.flat()).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2]);
    expect(target.counts).toMatchObject({ forwards: 10, rows: 10 * 13 });
    expect(target.length).toBe(0);
  });

  it("fills a hole anywhere, by what stands on both sides of it however far", async () => {
    const promptIds = [0, 12, ...Array.from({ length: 20 }, (_, i) => i % 11)];
    const infill = async (ids: number[]) =>
      (await rehearse({ ...run, promptIds: ids, options: { infill: true } })).canvas.ids();
    const filled = await infill(promptIds);
    expect(filled).toHaveLength(promptIds.length);
    // Another last token changes what is filled in somewhere.
    const others = await Promise.all(
      [1, 2, 3, 4, 5].map(async (id) => (await infill([...promptIds.slice(0, -1), id]))[1]),
    );
    expect(new Set(others).size).toBeGreaterThan(1);
  });

  it("needs a model that reads the whole canvas, and says which decoder another one suits", async () => {
    const blocks = rehearse({ ...run, models: hashedModels("blocks"), options: {} });
    await expect(blocks).rejects.toThrow(/whole canvas \(this one reads blocks: choose block-diffusion\)/);
    // One block that holds the whole context is the whole canvas.
    const shape = { bidirectional: true, blockLengths: [16], maxLength: 16, policyLengths: [] };
    const one = await rehearse({
      ...run,
      models: hashedModels("blocks", shape),
      promptIds: [0],
      options: { max_new_tokens: 3 },
    });
    expect(one.done.ids).toHaveLength(3);
    const several = rehearse({ ...run, models: hashedModels("blocks", { ...shape, maxLength: 32 }), options: {} });
    await expect(several).rejects.toThrow(/reads blocks/);
    const causal = rehearse({ ...run, models: hashedModels("causal"), options: {} });
    await expect(causal).rejects.toThrow(/whole canvas.*mask token/);
  });
});

describe("models that predict a position from the row before it", () => {
  /** Wants the id behind that of the row's own token; a mask's row wants a mask. */
  const counting: Law = {
    key: () => 0,
    logits: ({ token }) => Float64Array.from({ length: 13 }, (_, id) => (id === Math.min(token + 1, 12) ? 5 : 0)),
  };
  const shape = { causal: false, bidirectional: true, maskToken: 12, vocabSize: 13, maxLength: 32 };
  const write = async (inPlace: boolean, options: Record<string, unknown> = {}) => {
    const target = mockModel({ law: counting, capabilities: { ...shape, inPlace } });
    const run = { decoder: maskedDiffusion, models: { target }, promptIds: [0, 1, 2] };
    return (await rehearse({ ...run, options: { max_new_tokens: 6, commit_rule: "left_to_right", ...options } })).done
      .ids;
  };

  it("are read one row before each mask, with any cache", async () => {
    expect(await write(false)).toEqual([3, 4, 5, 6, 7, 8]);
    for (const cache of ["prefix", "dual", "delayed"]) {
      expect(await write(false, { cache, block_length: 3 })).toEqual([3, 4, 5, 6, 7, 8]);
    }
  });

  it("write something else where they are taken for others", async () =>
    expect(await write(true)).not.toEqual([3, 4, 5, 6, 7, 8]));

  it("can't fill a hole that nothing stands before", async () => {
    const target = mockModel({ law: counting, capabilities: { ...shape, inPlace: false } });
    const run = rehearse({
      decoder: maskedDiffusion,
      models: { target },
      promptIds: [12, 1],
      options: { infill: true },
    });
    await expect(run).rejects.toMatchObject({ code: "hole_first" });
  });

  it("remember laws by the position that they fill", async () => {
    const klass = { commit_rule: "klass", threshold: 0.5, kl_threshold: 1, kl_history: 1 };
    expect(await write(false, klass)).toHaveLength(6);
  });
});

describe("the caches of masked diffusion", () => {
  const models = hashedModels("full");
  const write = async (options: Record<string, unknown>) => {
    const run = { decoder: maskedDiffusion, models, promptIds: [0, 3, 4, 1, 2] };
    const { events, done, target } = await rehearse({
      ...run,
      options: { max_new_tokens: 14, block_length: 5, commit_rule: "quota", ...options },
    });
    return { edits: stepsOf(events).map(({ edits }) => edits), done, rows: target.counts.rows, events };
  };

  it.each(["prefix", "dual", "delayed"])("%s: refused where every step would refresh it", async (cache) => {
    const message = new RegExp(`^cache ${cache} changes nothing beside refresh_interval 1`);
    await expect(write({ cache, refresh_interval: 1 })).rejects.toThrow(message);
  });

  it.each(["prefix", "dual", "delayed"])("%s: reads less, writes otherwise and says so", async (cache) => {
    const plain = await write({});
    const cached = await write({ cache });
    expect(cached.rows).toBeLessThan(0.8 * plain.rows);
    // The first step is a refresh.
    expect(cached.edits[0]).toEqual(plain.edits[0]);
    expect(cached.edits).not.toEqual(plain.edits);
    expect(cached.events[0]).toMatchObject({ fidelity: "approximate" });
  });

  it("read the rows that they say", async () => {
    // 19 positions; blocks of 5, 5 and 4 masks, one a step, the first step of each a refresh.
    expect((await write({})).rows).toBe(14 * 19);
    expect((await write({ cache: "prefix" })).rows).toBe(3 * 19 + 4 * 14 + 4 * 9 + 3 * 4);
    expect((await write({ cache: "dual" })).rows).toBe(3 * 19 + 4 * 5 + 4 * 5 + 3 * 4);
    // 14 masks less one a step, and the one just committed; every eighth step is a refresh.
    const masks = Array.from({ length: 14 }, (_, step) => 14 - step + 1);
    const delayed = masks.reduce((sum, rows, step) => sum + (step % 8 === 0 ? 19 : rows), 0);
    expect((await write({ cache: "delayed" })).rows).toBe(delayed);
  });

  it("take an interval only beside a cache", async () =>
    expect(write({ refresh_interval: 2 })).rejects.toThrow(/refresh_interval .*cache/));
});
