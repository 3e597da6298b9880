// Public bug reports of such software that ours has never had, each by its thread.
import { describe, expect, it } from "vitest";
import { autoregressive } from "./autoregressive/decoder.js";
import { blockDiffusion } from "./block-diffusion/decoder.js";
import { maskedDiffusion } from "./masked-diffusion/decoder.js";
import { hashedModels, rehearse } from "../testing/rehearsal.js";
import { Scheduler } from "./engine/scheduler.js";

const PROMPT = [0, 3, 4, 1];
const causal = { decoder: autoregressive, models: hashedModels("causal"), promptIds: PROMPT };
const drawn = { max_new_tokens: 20, temperature: 1, seed: 7 };

describe("reports that are none of ours", () => {
  it("a model without any end token writes its full length (transformers#46790)", async () => {
    const models = hashedModels("causal", { eosTokens: [] });
    const { done } = await rehearse({ ...causal, models, options: { max_new_tokens: 30 } });
    expect(done).toMatchObject({ reason: "length", ids: { length: 30 } });
  });

  it("a bias of an id that the vocabulary lacks is refused by name (vllm#16529)", async () => {
    const options = { logit_bias: { 13: 1 } };
    await expect(rehearse({ ...causal, options })).rejects.toThrow(
      /logit_bias: id 13 is outside the vocabulary, 0 to 12/,
    );
  });

  it("top-k beyond the vocabulary keeps all of it", async () => {
    const all = await rehearse({ ...causal, options: drawn });
    for (const top_k of [13, 14, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      expect((await rehearse({ ...causal, options: { ...drawn, top_k } })).done.ids).toEqual(all.done.ids);
    }
  });

  it("top-p of 0 and temperatures too small to divide by are refused, a tiny top-p is greedy", async () => {
    for (const options of [{ top_p: 0 }, { temperature: 1e-5 }]) {
      await expect(rehearse({ ...causal, options })).rejects.toMatchObject({ code: "invalid_option" });
    }
    const greedy = await rehearse({ ...causal, options: { max_new_tokens: 20 } });
    expect((await rehearse({ ...causal, options: { ...drawn, top_p: 1e-30 } })).done.ids).toEqual(greedy.done.ids);
  });

  it("the same seed gives the same text beside other runs (ollama#5274, LiteRT-LM#2807)", async () => {
    const alone = await rehearse({ ...causal, options: drawn });
    const scheduler = new Scheduler();
    const others = [7, 8, 9].map((seed) =>
      rehearse({ ...causal, turn: scheduler.join(), options: { ...drawn, seed } }),
    );
    const [same, ...rest] = await Promise.all(others);
    expect(same.done.ids).toEqual(alone.done.ids);
    for (const { done } of rest) expect(done.ids).not.toEqual(alone.done.ids);
  });

  it("a bias towards the mask id, which opens no mask, is refused (Diffulex#39)", async () => {
    const models = hashedModels("blocks");
    const options = { ...drawn, logit_bias: { 12: 3e38 } };
    const run = rehearse({ decoder: blockDiffusion, models, promptIds: PROMPT, options });
    await expect(run).rejects.toThrow(/^logit_bias: id 12 is the mask, and is never written/);
  });

  it("the last block ends where the context does, also where that is in its middle (sglang-omni#446)", async () => {
    for (const maxLength of [32, 33, 35]) {
      const models = hashedModels("blocks", { maxLength });
      const options = { ...drawn, max_new_tokens: 100 };
      const { canvas, done } = await rehearse({ decoder: blockDiffusion, models, promptIds: PROMPT, options });
      expect(canvas.length).toBe(maxLength);
      expect(done.ids).toHaveLength(maxLength - PROMPT.length);
    }
  });

  it("an end token on a whole canvas ends the text there, whatever stands behind (Fast-dLLM#10)", async () => {
    const run = { decoder: maskedDiffusion, promptIds: PROMPT, options: { ...drawn, commit_rule: "quota" } };
    const whole = await rehearse({ ...run, models: hashedModels("full") });
    const [, , end] = whole.done.ids;
    const { done } = await rehearse({ ...run, models: hashedModels("full", { eosTokens: [end] }) });
    expect(done.reason).toBe("stop");
    expect(done.ids).toEqual(whole.done.ids.slice(0, whole.done.ids.indexOf(end)));
  });
});
