// Mask tokens on mocks, whose mask sampler says what the model would if the token before stood in a mask's place: with the
// model's own law a round's first draft is always right, and the others are if the law asks for no more than that token.
import { describe, expect, it } from "vitest";
import type { Law } from "../../../backend/host/law.js";
import { hashedLaw } from "../../../testing/laws.js";
import { mockModel } from "../../../backend/host/mock.js";
import { rehearse, stepsOf } from "../../../testing/rehearsal.js";
import { autoregressive } from "../../autoregressive/decoder.js";
import { speculative } from "../decoder.js";

const VOCAB = 13;
const CAPABILITIES = { vocabSize: VOCAB, maxLength: 96 };
const promptIds = [1, 5, 2, 9];
/** Nothing but the last token and its place counts. */
const habit: Law = {
  key: () => 0,
  logits: ({ token, position }) =>
    Float64Array.from({ length: VOCAB }, (_, id) => ((token * 5 + position + id * 7) % VOCAB) / 2),
};
const hashed = hashedLaw(3, VOCAB, 1.5);

const modelOf = (law: Law, maxLength = CAPABILITIES.maxLength) => ({
  target: mockModel({ law, maskSampler: law, capabilities: { ...CAPABILITIES, maxLength } }),
});

/** A run, with what each round drafted and how many of that were kept. */
async function write(law: Law, options: Record<string, unknown>, maxLength?: number) {
  const models = modelOf(law, maxLength);
  const whole = { drafter: "mtp", max_new_tokens: 40, temperature: 1, seed: 7, ...options };
  const { done, events, target } = await rehearse({ decoder: speculative, models, promptIds, options: whole });
  const rounds = stepsOf(events).map(({ edits }) => ({
    drafted: edits.filter((edit) => edit.op === "insert" && edit.state === "draft").length,
    kept: edits.filter((edit) => edit.op === "write" && edit.state === "committed").length,
  }));
  const { max_new_tokens, temperature, seed } = whole;
  const plain = await rehearse({
    decoder: autoregressive,
    models,
    promptIds,
    options: { max_new_tokens, temperature, seed },
  });
  expect(done.ids).toEqual(plain.done.ids);
  return { done, rounds, target };
}

describe.each(["quadratic", "linear"])("masks in %s layout", (mtp_layout) => {
  it.each([1, 2, 3, 7])("always right by a habit, %i in a group: no round is without drafts", async (length) => {
    const { done, rounds } = await write(habit, { mtp_layout, num_assistant_tokens: length });
    const { proposed, accepted, forwards } = done.metrics;
    expect(accepted).toBe(proposed);
    expect(rounds.slice(0, -1).every(({ drafted }) => drafted === length)).toBe(true);
    // One reads the prompt, with the first group behind it.
    expect(forwards).toBe(1 + Math.ceil(40 / (length + 1)));
  });

  it("have a round's first draft right whatever was kept before it, and no more than that by a law of the whole text", async () => {
    // A law that is a hash: how lucky a run is depends on the hash, so a long one is looked at.
    const { rounds } = await write(hashed, { mtp_layout, num_assistant_tokens: 3, max_new_tokens: 72 });
    const drafting = rounds.filter(({ drafted }) => drafted > 0);
    // What the engine cuts off at the end is shown as drafted, but not kept.
    expect(drafting.slice(0, -1).every(({ kept }) => kept > 0)).toBe(true);
    expect(drafting.some(({ drafted, kept }) => kept < drafted)).toBe(true);
    expect(new Set(rounds.map(({ kept }) => kept)).size).toBeGreaterThan(2);
    if (mtp_layout === "quadratic") expect(drafting).toHaveLength(rounds.length);
    // Behind a rejected draft there are no masks.
    if (mtp_layout === "linear") {
      rounds.slice(1).forEach(({ drafted }, i) => {
        expect(drafted > 0).toBe(rounds[i].kept === rounds[i].drafted);
      });
    }
  });
});

describe("mask tokens", () => {
  it("stand behind every draft: rows are the tokens, and a group for each", async () => {
    const { rounds, target, done } = await write(hashed, { num_assistant_tokens: 3, max_new_tokens: 20 });
    const inRounds = rounds.reduce((sum, { drafted }) => sum + (1 + drafted) * 4, 0);
    // The prompt but its last token, with three masks behind it.
    expect(target.counts.rows).toBe(promptIds.length - 1 + 3 + inRounds);
    expect(target.counts.forwards).toBe(done.metrics.forwards);
  });

  it("grow fewer at the context's end, where the text is autoregressive's to the last token", async () => {
    for (let maxLength = 5; maxLength < 24; maxLength++) {
      const { done } = await write(habit, { num_assistant_tokens: 4 }, maxLength);
      expect([done.reason, done.ids.length]).toEqual(["length", maxLength - promptIds.length]);
    }
  });

  it("take a prompt of one token, of two, and of several pieces", async () => {
    const models = modelOf(habit, 700);
    for (const length of [1, 2, 3, 600]) {
      const prompt = Array.from({ length }, (_, i) => i % VOCAB);
      const options = { max_new_tokens: 12 };
      const run = { models, promptIds: prompt };
      const plain = await rehearse({ ...run, decoder: autoregressive, options });
      const drafted = await rehearse({ ...run, decoder: speculative, options: { ...options, drafter: "mtp" } });
      expect(drafted.done.ids).toEqual(plain.done.ids);
      expect(drafted.done.metrics.accepted).toBeGreaterThan(5);
    }
  });

  it("follow a schedule: longer while right, shorter while unsure", async () => {
    const grown = await write(habit, { num_assistant_tokens_schedule: "heuristic", num_assistant_tokens: 1 });
    expect(grown.rounds.map(({ drafted }) => drafted).slice(0, 4)).toEqual([1, 3, 5, 7]);
    const sure = { num_assistant_tokens_schedule: "confidence", assistant_confidence_threshold: 1 };
    const short = await write(habit, sure);
    expect(short.rounds.every(({ drafted }) => drafted === 1)).toBe(true);
  });
});

describe("the drafter mtp is refused", () => {
  it.each<[Record<string, unknown>, RegExp]>([
    [{ num_assistant_tokens: 9 }, /at most 8, the masks of this model's adapter; got 9/],
    [{ num_assistant_tokens: 8 }, /at most 7 with mtp_layout quadratic, not 8; linear takes more/],
    [{ num_assistant_tokens_schedule: "adaptive" }, /adaptive doesn't know what the drafter mtp costs/],
    [{ num_assistant_tokens_schedule: "adaptive", forward_costs: { 1: 1 }, draft_cost: 1 }, /adaptive doesn't know/],
    [{ mtp_layout: "linear", verifier: "rejection" }, /mtp_layout linear makes depend on where a run began/],
    [{ mtp_layout: "diagonal" }, /mtp_layout can't be "diagonal": choose quadratic or linear/],
    [{ drafter: "eagle", mtp_layout: "linear" }, /mtp_layout is an option of the drafter mtp, not of eagle/],
  ])("with %o, by name", async (options, message) => {
    const run = { decoder: speculative, models: modelOf(habit), promptIds };
    const wrong = rehearse({ ...run, options: { drafter: "mtp", max_new_tokens: 4, ...options } });
    await expect(wrong).rejects.toThrow(message);
  });

  it("without an adapter", async () => {
    const bare = { target: mockModel({ law: habit, capabilities: CAPABILITIES }) };
    const run = rehearse({ decoder: speculative, models: bare, promptIds, options: { drafter: "mtp" } });
    await expect(run).rejects.toThrow(/a model loaded with an adapter \(load\(url, \{ adapter \}\), or --adapter\)/);
  });
});
