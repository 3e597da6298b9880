import { describe, expect, it } from "vitest";
import type { GenerationDefaults } from "../../seam/generation-defaults.js";
import { autoregressive } from "../autoregressive/decoder.js";
import { blockDiffusion } from "../block-diffusion/decoder.js";
import { speculative } from "../speculative/decoder.js";
import { COMMON_OPTIONS, fixed } from "../options.js";
import { hashedModels, rehearse } from "../../testing/rehearsal.js";

const PROMPT = [0, 3, 4, 1];
const FILTERS = { top_k: 20, top_p: 0.8, min_p: 0.1 };

/** What `start` says of a run's options on a model with these defaults. */
async function optionsOf(generation: Omit<GenerationDefaults, "ignored">, options: Record<string, unknown> = {}) {
  const models = hashedModels("causal", { generation: { ...generation, ignored: [] } });
  const { events } = await rehearse({ decoder: autoregressive, models, promptIds: PROMPT, options });
  const [start] = events;
  return start.type === "start" ? start.options : null;
}

describe("a model's own defaults", () => {
  it("stand in for options that aren't given, as the start event tells", async () => {
    const own = { temperature: 0.7, repetition_penalty: 1.1, max_new_tokens: 9, stop: ["zz"], ...FILTERS };
    expect(await optionsOf(own)).toMatchObject(own);
    const given = { temperature: 1.2, topP: 0.5, maxNewTokens: 3, "repetition-penalty": 1, stop: [] };
    const told = { temperature: 1.2, top_p: 0.5, top_k: 20, max_new_tokens: 3, repetition_penalty: 1, stop: [] };
    expect(await optionsOf(own, given)).toMatchObject(told);
  });

  it("leave filters out where nothing is drawn", async () => {
    expect(await optionsOf(FILTERS)).toMatchObject({ temperature: 0, top_k: 0, top_p: 1, min_p: 0 });
    expect(await optionsOf({ temperature: 0.7, ...FILTERS }, { temperature: 0 })).toMatchObject({ top_k: 0, top_p: 1 });
    expect(await optionsOf(FILTERS, { temperature: "0.5" })).toMatchObject(FILTERS);
  });

  it("are left out where a decoder takes one value alone, which it says by name when another is asked for", async () => {
    const table = { ...COMMON_OPTIONS, temperature: fixed(COMMON_OPTIONS.temperature, "Always 0") };
    const decoder = { ...autoregressive, options: table };
    const models = hashedModels("causal", { generation: { temperature: 0.7, top_k: 20, ignored: [] } });
    const { events } = await rehearse({ decoder, models, promptIds: PROMPT });
    expect(events[0]).toMatchObject({ type: "start", options: { temperature: 0, top_k: 0 } });
    const asked = rehearse({ decoder, models, promptIds: PROMPT, options: { temperature: 0.7 } });
    await expect(asked).rejects.toThrow(/^temperature can't be 0.7: give 0, which is all that this decoder takes\.$/);
  });

  it("count max_length with the prompt, and give way to max_new_tokens", async () => {
    expect(await optionsOf({ max_length: 10 })).toMatchObject({ max_new_tokens: 6 });
    expect(await optionsOf({ max_length: 2 })).toMatchObject({ max_new_tokens: 1 });
    expect(await optionsOf({ max_length: 10, max_new_tokens: 8 })).toMatchObject({ max_new_tokens: 8 });
  });

  it("end no text that holes are filled in", async () => {
    const generation = { max_new_tokens: 1, stop: ["zz"], ignored: [] };
    const models = hashedModels("blocks", { generation });
    const promptIds = [0, 12, 12, 1];
    const { done } = await rehearse({ decoder: blockDiffusion, models, promptIds, options: { infill: true } });
    expect(done.ids).toHaveLength(3);
  });

  it("that can't be are refused as the file's, with the option to give", async () => {
    const words = /^The model's generation_config\.json can't be honoured: top_p can't be 1\.5.* another value\.$/;
    await expect(optionsOf({ temperature: 1, top_p: 1.5 })).rejects.toThrow(words);
    expect(await optionsOf({ temperature: 1, top_p: 1.5 }, { top_p: 0.9 })).toMatchObject({ top_p: 0.9 });
    await expect(optionsOf({ temperature: 1 }, { top_p: 1.5 })).rejects.toThrow(/^top_p can't be 1\.5/);
  });

  it.each([
    ["causal", "autoregressive", autoregressive, {}],
    ["causal", "speculative", speculative, { drafter: "prompt-lookup" }],
    ["blocks", "block-diffusion", blockDiffusion, {}],
  ] as const)("keep suppressed ids out of a text: %s, %s", async (kind, _, decoder, more) => {
    const options = { max_new_tokens: 8, ...more };
    const promptIds = PROMPT;
    const write = (generation: Partial<GenerationDefaults>, own = {}) =>
      rehearse({
        decoder,
        models: hashedModels(kind, { generation: { ...generation, ignored: [] } }),
        promptIds,
        options: { ...options, ...own },
      });
    const free = await write({});
    const [first, ...rest] = new Set(free.done.ids);
    // An id beyond the vocabulary suppresses nothing.
    const suppress = [first, rest[0] ?? first, 1_000_000];
    const { done, events } = await write({ suppress });
    expect(done.ids.filter((id) => suppress.includes(id))).toEqual([]);
    // Confidences are of the law without them, and of that before any bias.
    if (kind === "blocks") return;
    const bias = Object.fromEntries(suppress.slice(0, 2).map((id) => [id, -1e30]));
    expect(done.ids).toEqual((await write({}, { logit_bias: bias })).done.ids);
    const [start] = events;
    if (start.type !== "start") throw new Error("a run begins with start");
    expect(start.law.sentence).toMatch(/2 tokens left out that generation_config\.json suppresses/);
  });
});
