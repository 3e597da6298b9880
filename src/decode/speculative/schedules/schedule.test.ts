import { describe, expect, it } from "vitest";
import { autoregressive } from "../../autoregressive/decoder.js";
import { parseOptions } from "../../parse-options.js";
import { hashedModels, rehearse, stepsOf } from "../../../testing/rehearsal.js";
import { speculative } from "../decoder.js";
import { scheduleOf } from "./schedule.js";

const models = hashedModels("causal");
const RUN = { models, promptIds: [0, 3, 4, 1, 2] };
const resolved = (raw: Record<string, unknown>) => {
  const options = parseOptions(speculative.options, raw);
  return speculative.resolve?.(options, models.target.capabilities) ?? options;
};

describe("schedules of draft length", () => {
  it("heuristic drafts two more after full acceptance, one less otherwise, never none", () => {
    const schedule = scheduleOf(resolved({ num_assistant_tokens: 3, num_assistant_tokens_schedule: "heuristic" }));
    const lengths = [
      [3, 3],
      [5, 5],
      [7, 2],
      [6, 0],
      [0, 0],
    ].map(([proposed, accepted]) => {
      schedule.observe(proposed, accepted);
      return schedule.next();
    });
    expect(lengths).toEqual([5, 7, 6, 5, 5]);
    for (let i = 0; i < 20; i++) schedule.observe(3, 0);
    expect(schedule.next()).toBe(1);
  });

  it("adaptive reads costs between the given points, and drafts all it may where rows are free", () => {
    const raw = { num_assistant_tokens: 6, num_assistant_tokens_schedule: "adaptive", draft_cost: 0 };
    const free = scheduleOf(resolved({ ...raw, forward_costs: { 1: 1, 8: 1 } }));
    // Until one is judged, no more than one.
    expect(free.next()).toBe(1);
    free.observe(1, 1);
    expect(free.next()).toBe(6);
    // Each row costs as much as a forward of its own: no acceptance pays for it, which is tried once.
    const dear = scheduleOf(resolved({ ...raw, forward_costs: { 1: 1, 3: 3 } }));
    expect(dear.next()).toBe(1);
    dear.observe(1, 0);
    expect(dear.next()).toBe(0);
  });

  it.each([
    [{ num_assistant_tokens_schedule: "adaptive", draft_cost: 0.2 }, /needs forward_costs/],
    [{ num_assistant_tokens_schedule: "adaptive", forward_costs: { 1: 1 } }, /needs draft_cost/],
    [{ num_assistant_tokens_schedule: "adaptive", forward_costs: { 2: 1 }, draft_cost: 0 }, /cost of 1 row/],
    [{ num_assistant_tokens_schedule: "adaptive", forward_costs: { one: 1 } }, /numbers of rows with finite/],
    [{ forward_costs: { 1: 1 } }, /belong to .* adaptive, not constant/],
    [{ wait_cost: 1 }, /belong to .* adaptive, not constant/],
    [{ assistant_confidence_threshold: 0.4 }, /belongs to .* confidence, not constant/],
    [{ num_assistant_tokens_schedule: "confidence", assistant_confidence_threshold: 1.1 }, /above 0 to 1/],
    // Both are the schedule constant.
    [{ num_assistant_tokens_schedule: "confidence", assistant_confidence_threshold: 0 }, /above 0 to 1/],
    [{ num_assistant_tokens_schedule: "confidence", num_assistant_tokens: 1 }, /1 has no second/],
    [
      { num_assistant_tokens_schedule: "confidence", drafter: "suffix" },
      /suffix can't say: choose drafter model, early-exit, eagle or mtp/,
    ],
    [
      { num_assistant_tokens_schedule: "confidence", drafter: "chains", verifier: "kseq", temperature: 1 },
      /must be constant beside it/,
    ],
    [
      { num_assistant_tokens_schedule: "confidence", verifier: "rejection", temperature: 1 },
      /must be constant beside it/,
    ],
    [{ drafter: "lookahead", num_assistant_tokens_schedule: "adaptive", forward_costs: { 1: 1 } }, /drafts trees/],
  ])("refuses %j by name", (raw, message) => {
    expect(() => resolved(raw)).toThrow(message);
  });

  it("confidence drafts up to the first token that the draft model isn't sure of, and keeps the text", async () => {
    const common = { max_new_tokens: 40, temperature: 0.9, seed: 4 };
    const plain = await rehearse({ ...RUN, decoder: autoregressive, options: common });
    const longest: number[] = [];
    for (const threshold of [0.001, 0.3, 1]) {
      const own = { num_assistant_tokens_schedule: "confidence", assistant_confidence_threshold: threshold };
      const options = { ...common, num_assistant_tokens: 5, ...own };
      const { done, events } = await rehearse({ ...RUN, decoder: speculative, options, lookahead: 1 });
      expect(done.ids).toEqual(plain.done.ids);
      const ids = [...RUN.promptIds];
      const lengths = new Set<number>();
      for (const { edits } of stepsOf(events).slice(0, -1)) {
        const drafts = edits.flatMap((edit) =>
          edit.op === "insert" && edit.state === "draft" ? [Number(edit.token)] : [],
        );
        const sureness = await draftProbabilities(ids, drafts);
        expect(Math.min(...sureness.slice(0, -1), 1)).toBeGreaterThanOrEqual(threshold);
        if (drafts.length < 5) expect(sureness.at(-1)).toBeLessThan(threshold);
        lengths.add(drafts.length);
        for (const edit of edits) {
          if (edit.op !== "delete" && edit.state === "committed") ids.push(Number(edit.token));
        }
      }
      longest.push(Math.max(...lengths));
      if (threshold === 0.3) expect(lengths.size).toBeGreaterThan(1);
    }
    expect(longest).toEqual([5, expect.any(Number), 1]);
  });

  it.each([0, 0.9])("keeps the text, and drafts nothing in some rounds, at temperature %d", async (temperature) => {
    const common = { max_new_tokens: 48, temperature, seed: 4 };
    const plain = await rehearse({ ...RUN, decoder: autoregressive, options: common });
    const options = {
      ...common,
      num_assistant_tokens: 4,
      num_assistant_tokens_schedule: "adaptive",
      forward_costs: { 1: 1, 2: 1.55, 8: 6 },
      draft_cost: 0.1,
    };
    const { done, events } = await rehearse({ ...RUN, decoder: speculative, options });
    expect(done.ids).toEqual(plain.done.ids);
    const drafted = stepsOf(events).map(({ draftForwards }) => draftForwards);
    expect(drafted.some((count) => count === 0)).toBe(true);
    expect(drafted.some((count) => count > 0)).toBe(true);
  });
});

/** What the draft model gives each token of a chain behind `ids`. */
async function draftProbabilities(ids: readonly number[], chain: readonly number[]): Promise<number[]> {
  const rows = chain.map((_, i) => ids.length - 1 + i);
  const session = models.draft.session();
  const logits = await session.forward({ tokens: [...ids, ...chain], attend: "causal", rows, keep: 0 }).logits();
  const { vocabSize } = models.draft.capabilities;
  return chain.map((token, i) => {
    const law = [...logits.subarray(i * vocabSize, (i + 1) * vocabSize)].map(Math.exp);
    return law[token] / law.reduce((a, b) => a + b, 0);
  });
}
