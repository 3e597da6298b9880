import { describe, expect, it } from "vitest";
import { hashedModels, type Rehearsed, rehearse, stepsOf } from "../../testing/rehearsal.js";
import type { TokenId } from "../../vocabulary/events.js";
import { autoregressive } from "../autoregressive/decoder.js";
import { contrastive } from "./decoder.js";

const PROMPT = [0, 3, 4, 1, 2];
type Models = ReturnType<typeof hashedModels>;

/** The next token's law behind a text, on a fresh session; a mock's state of the last token is this law. */
async function lawBehind({ target }: Models, text: readonly TokenId[]): Promise<number[]> {
  const rows = target.session().forward({ tokens: text, attend: "causal", rows: "last", keep: 0 });
  const weights = Array.from(await rows.logits(), Math.exp);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

const cosine = (a: readonly number[], b: readonly number[]) => {
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, i) => sum + value * y[i], 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

/** Contrastive search by the definition, every state from a text of its own; and the isotropy after each token. */
async function byDefinition(
  models: Models,
  numTokens: number,
  { penalty_alpha = 0.6, top_k = 4 }: { penalty_alpha?: number; top_k?: number } = {},
): Promise<{ ids: TokenId[]; isotropy: number[] }> {
  const text = [...PROMPT];
  const isotropy: number[] = [];
  const states = await Promise.all(PROMPT.map((_, i) => lawBehind(models, PROMPT.slice(0, i + 1))));
  while (text.length < PROMPT.length + numTokens) {
    const law = states[states.length - 1];
    const candidates = [...law.keys()].sort((a, b) => law[b] - law[a]).slice(0, top_k);
    const own = await Promise.all(candidates.map((token) => lawBehind(models, [...text, token])));
    const scores = candidates.map((token, i) => {
      const likeness = Math.max(...states.map((state) => cosine(state, own[i])));
      return (1 - penalty_alpha) * law[token] - penalty_alpha * likeness;
    });
    const best = scores.indexOf(Math.max(...scores));
    text.push(candidates[best]);
    states.push(own[best]);
    const cosines = states.flatMap((a, i) => states.slice(0, i).map((b) => cosine(a, b)));
    isotropy.push(1 - cosines.reduce((sum, value) => sum + value, 0) / cosines.length);
  }
  return { ids: text.slice(PROMPT.length), isotropy };
}

const write = (options: Record<string, unknown>, more: Partial<Rehearsed> = {}) =>
  rehearse({
    decoder: contrastive,
    models: hashedModels("causal"),
    promptIds: PROMPT,
    options: { max_new_tokens: 30, ...options },
    ...more,
  });

describe("contrastive search", () => {
  it.each([
    {},
    { penalty_alpha: 0.3, top_k: 8 },
    { penalty_alpha: 0.1, top_k: 2 },
    { penalty_alpha: 1, top_k: 3 },
    { penalty_alpha: 0.6, top_k: 13 },
  ])("is that of its definition, and not the greedy text: %o", async (options) => {
    const { done, events } = await write(options);
    const { ids, isotropy } = await byDefinition(hashedModels("causal"), 30, options);
    expect(done.ids).toEqual(ids);
    expect(done.ids).not.toEqual((await write({}, { decoder: autoregressive })).done.ids);
    const reported = stepsOf(events).map(({ figures }) => figures?.isotropy ?? Number.NaN);
    expect(reported).toHaveLength(30);
    // The laws of the definition are read as 32-bit logits.
    for (const [i, value] of reported.entries()) expect(value).toBeCloseTo(isotropy[i], 7);
    expect(done.metrics.figures).toEqual({ isotropy: reported[29] });
    expect(events[0]).toMatchObject({ figures: { isotropy: { label: "isotropy" } } });
  });

  it.each([{ penalty_alpha: 0 }, { top_k: 1 }, { penalty_alpha: 0, top_k: 9 }])(
    "is the greedy text, bit for bit, with %o",
    async (options) => {
      const greedy = await write({}, { decoder: autoregressive });
      const { events, done } = await write(options);
      expect(done.ids).toEqual(greedy.done.ids);
      const editsOf = (run: typeof events) => run.map((event) => ("edits" in event ? event.edits : null));
      expect(editsOf(events)).toEqual(editsOf(greedy.events));
      expect(done.metrics).toEqual(greedy.done.metrics);
      expect(events[0]).toMatchObject({ fidelity: "identical" });
      expect(events[0]).not.toHaveProperty("figures");
    },
  );

  it("takes one forward for the prompt and one of all candidates a token, none of which is waited for", async () => {
    for (const top_k of [2, 4, 7]) {
      const { forwards, rows, waits } = (await write({ top_k })).done.metrics;
      expect({ forwards, rows, waits }).toEqual({ forwards: 1 + 30, rows: PROMPT.length + 30 * top_k, waits: 0 });
    }
  });

  it("writes the same up to the end of the context, where candidates don't fit beside each other", async () => {
    const long = await write({ top_k: 5, max_new_tokens: 60 });
    const maxLength = PROMPT.length + 24;
    const cut = await write({ top_k: 5, max_new_tokens: 60 }, { models: hashedModels("causal", { maxLength }) });
    expect(cut.done.ids).toEqual(long.done.ids.slice(0, 24));
    expect(cut.done.reason).toBe("length");
    const values = (run: typeof cut) => stepsOf(run.events).map(({ figures }) => figures?.isotropy);
    expect(values(cut)).toEqual(values(long).slice(0, 24));
  });

  it("reads anew what another decoder has kept, since that left no states, and nothing else", async () => {
    const models = hashedModels("causal");
    const fresh = await write({}, { models });
    const target = models.target.session();
    await write({ max_new_tokens: 12 }, { models, target, decoder: autoregressive });
    const after = await write({}, { models, target });
    expect(after.done.ids).toEqual(fresh.done.ids);
    expect(after.done.metrics).toEqual(fresh.done.metrics);
    // Its own states are there.
    const again = await write({}, { models, target });
    expect(again.done.ids).toEqual(fresh.done.ids);
    expect(again.done.metrics.rows).toBe(fresh.done.metrics.rows - (PROMPT.length - 1));
    // Behind half of its text another decoder has gone on.
    const half = [...PROMPT, ...fresh.done.ids.slice(0, 9)];
    await write({ max_new_tokens: 12 }, { models, target, decoder: autoregressive, promptIds: half });
    const mixed = await write({}, { models, target, promptIds: [...half, ...fresh.done.ids.slice(9, 14)] });
    expect(mixed.done.ids.slice(0, 16)).toEqual(fresh.done.ids.slice(14));
  });

  it("labels its text by what it is", async () => {
    const { events } = await write({ penalty_alpha: 0.5, top_k: 3 });
    expect(events[0]).toMatchObject({ fidelity: "exact" });
    const [start] = events;
    expect(start.type === "start" && start.law.sentence).toBe(
      "Exactly the contrastive search of mock (alpha 0.5, 3 candidates).",
    );
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ temperature: 0.7 }, /^temperature can't be 0.7: give 0,/],
    [{ repetition_penalty: 1.1 }, /^repetition_penalty can't be 1.1: give 1,/],
    [{ logit_bias: { 3: 1 } }, /^logit_bias can't be honoured by contrastive/],
    [{ penalty_alpha: -0.1 }, /^penalty_alpha can't be -0.1: give a number from 0 to 1/],
    [{ penalty_alpha: 1.1 }, /^penalty_alpha can't be 1.1/],
    [{ top_k: 0 }, /^top_k can't be 0: give an integer from 1 to 64/],
    [{ alpha: 0.3 }, /^alpha is an option of .*momentum.*, not of contrastive/],
    [{ infill: true }, /contrastive writes on from the end of a prompt/],
  ])("refuses %o by name", async (options, message) => {
    await expect(write(options)).rejects.toThrow(message);
  });

  it("leaves out the temperature and the penalty that a model has by default", async () => {
    const models = hashedModels("causal", { generation: { temperature: 0.7, repetition_penalty: 1.2, ignored: [] } });
    expect((await write({}, { models })).done.ids).toEqual((await write({})).done.ids);
  });

  it("has as many candidates as it should where the likeliest ids only pad the vocabulary", async () => {
    const models = hashedModels("causal", { numTokens: 8 });
    const { done, events } = await write({ top_k: 64 }, { models });
    expect(Math.max(...done.ids)).toBeLessThan(8);
    expect(done.ids).toHaveLength(30);
    expect(events[0]).toMatchObject({ options: { top_k: 8 } });
    expect(done.metrics.rows).toBe(PROMPT.length + 30 * 8);
  });
});
