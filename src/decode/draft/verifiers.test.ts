import { describe, expect, it } from "vitest";
import { autoregressive } from "../autoregressive.js";
import { hashedModels, rehearse } from "../rehearsal.js";
import { speculative } from "../speculative.js";

const RUN = { models: hashedModels("causal"), promptIds: [0, 3, 4, 1] };
const write = (options: Record<string, unknown>, decoder = speculative) =>
  rehearse({ ...RUN, decoder, options: { max_new_tokens: 24, seed: 3, ...options } });

describe.each(["rejection", "block"])("verifier %s", (verifier) => {
  it("says that its text has the law, and at temperature 0 writes the greedy text", async () => {
    const { events, done } = await write({ verifier, temperature: 0 });
    expect(events[0]).toMatchObject({ type: "start", fidelity: "distribution", options: { verifier } });
    expect(done.ids).toEqual((await write({ temperature: 0 }, autoregressive)).done.ids);
    expect(done.metrics.accepted).toBeGreaterThan(0);
  });

  it("accepts some drafts and not others, and all of a draft model that is the target", async () => {
    const { done } = await write({ verifier, temperature: 1 });
    expect(done.metrics.accepted).toBeGreaterThan(0);
    expect(done.metrics.accepted).toBeLessThan(done.metrics.proposed);
    const { target } = RUN.models;
    const options = { max_new_tokens: 25, seed: 3, verifier, temperature: 1 };
    const same = await rehearse({ ...RUN, models: { target, draft: target }, decoder: speculative, options });
    // Five rounds of four drafts and a token of the target's own.
    expect(same.done.metrics).toMatchObject({ accepted: 20, proposed: 20, forwards: 5 });
  });

  it("writes another text than autoregressive, with log-probabilities of the target's own law", async () => {
    const { canvas, done } = await write({ verifier, temperature: 1 });
    expect(done.ids).not.toEqual((await write({ temperature: 1 }, autoregressive)).done.ids);
    // What autoregressive gives these tokens where nothing else may be drawn.
    for (const [i, { token, logprob }] of canvas.completion().entries()) {
      const only = { max_new_tokens: 1, logit_bias: { [Number(token)]: 1e6 } };
      const at = { ...RUN, promptIds: [...RUN.promptIds, ...done.ids.slice(0, i)] };
      const forced = await rehearse({ ...at, decoder: autoregressive, options: only });
      expect(forced.canvas.completion()[0]).toMatchObject({ token, logprob });
    }
  });

  it.each([
    [{ drafter: "suffix" }, /drafts of suffix are drawn from none.*drafter model/],
    [{ num_assistant_tokens_schedule: "heuristic" }, /must be constant beside it, not heuristic/],
    [
      { num_assistant_tokens_schedule: "adaptive", forward_costs: { 1: 1 }, draft_cost: 0.1 },
      /must be constant beside it, not adaptive/,
    ],
  ])("is refused beside %o", async (options, message) => {
    await expect(write({ verifier, ...options })).rejects.toThrow(message);
    expect((await write({ verifier })).done.reason).toBe("length");
  });
});
