import { describe, expect, it } from "vitest";
import { mockModel } from "../../backend/host/mock.js";
import { hashedModels, type Rehearsed, rehearse } from "../../testing/rehearsal.js";
import type { TokenId } from "../../vocabulary/events.js";
import { autoregressive } from "../autoregressive/decoder.js";
import { momentum } from "./decoder.js";
import { definedLength } from "../../testing/defined-length.js";

const PROMPT = [0, 3, 4, 1, 2];
const PAPER: Readonly<Record<number, number>> = { 1: 1, 2: 2, 3: 3, 4: 4, 5: 5 };

/** Momentum decoding by the definition, on all logits of a fresh session each token. */
async function byDefinition(
  { target }: ReturnType<typeof hashedModels>,
  numTokens: number,
  { alpha = 0.2, top_k = 5, resistance = PAPER }: { alpha?: number; top_k?: number; resistance?: typeof PAPER } = {},
): Promise<TokenId[]> {
  const text = [...PROMPT];
  for (let i = 0; i < numTokens; i++) {
    const rows = target.session().forward({ tokens: text, attend: "causal", rows: "last", keep: text.length });
    const weights = Array.from(await rows.logits(), Math.exp);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const candidates = weights
      .map((weight, token) => ({ token, p: weight / total }))
      .sort((a, b) => b.p - a.p)
      .slice(0, top_k);
    const scores = candidates.map(({ token, p }) => {
      const length = definedLength(text, token, 5);
      return p - alpha * (length === 0 ? 0 : (resistance[length] ?? Infinity));
    });
    text.push(candidates[scores.indexOf(Math.max(...scores))].token);
  }
  return text.slice(PROMPT.length);
}

const write = (options: Record<string, unknown>, more: Partial<Rehearsed> = {}) =>
  rehearse({
    decoder: momentum,
    models: hashedModels("causal"),
    promptIds: PROMPT,
    options: { max_new_tokens: 40, ...options },
    ...more,
  });

describe("momentum decoding", () => {
  it.each<Parameters<typeof byDefinition>[2] & object>([
    {},
    // Every token that stands in the text is ruled out: of those the likeliest.
    { top_k: 2, resistance: {} },
    { alpha: 0.05 },
    { alpha: 0.6, top_k: 3 },
    { alpha: 0.1, resistance: { 1: 1, 2: 1, 3: 2, 4: 3, 5: 4 } },
    { alpha: 0.2, top_k: 13, resistance: { 1: 0, 2: 0.5 } },
  ])("is that of its definition, and not the greedy text: %o", async (options) => {
    const { done } = await write(options);
    expect(done.ids).toEqual(await byDefinition(hashedModels("causal"), 40, options));
    expect(done.ids).not.toEqual((await write({}, { decoder: autoregressive })).done.ids);
  });

  it.each([{ alpha: 0 }, { top_k: 1 }, { alpha: 0, top_k: 9 }])(
    "is the greedy text, bit for bit, with %o",
    async (options) => {
      const greedy = await write({}, { decoder: autoregressive });
      const { events, done } = await write(options);
      expect(done.ids).toEqual(greedy.done.ids);
      const editsOf = (run: typeof events) => run.map((event) => ("edits" in event ? event.edits : null));
      expect(editsOf(events)).toEqual(editsOf(greedy.events));
      expect(events[0]).toMatchObject({ fidelity: "identical" });
    },
  );

  it("is the greedy text where resistance is too small to count, by the list of candidates", async () => {
    const greedy = await write({}, { decoder: autoregressive });
    expect((await write({ alpha: 1e-30 })).done.ids).toEqual(greedy.done.ids);
  });

  it("takes as many forwards and rows as the greedy text", async () => {
    const greedy = (await write({}, { decoder: autoregressive })).done.metrics;
    const { forwards, rows } = (await write({})).done.metrics;
    expect({ forwards, rows }).toEqual({ forwards: greedy.forwards, rows: greedy.rows });
  });

  it("writes ahead of what is read back as far as greedy text does", async () => {
    const readAfter = async (decoder: typeof momentum) => {
      const forwards: number[] = [];
      const latency = async () => {
        forwards.push(target.counts.forwards);
        await new Promise((resolve) => setTimeout(resolve));
      };
      const models = hashedModels("causal", {}, { latency });
      const target = models.target.session();
      await write({ max_new_tokens: 20 }, { decoder, models, target });
      return forwards;
    };
    const greedy = await readAfter(autoregressive);
    expect(await readAfter(momentum)).toEqual(greedy);
    expect(greedy.some((forwards, read) => forwards > read + 4)).toBe(true);
  });

  it("reads back one token a step, as greedy text does", async () => {
    const greedy = (await write({}, { decoder: autoregressive })).done.metrics;
    expect((await write({})).done.metrics.readbackBytes).toBe(greedy.readbackBytes);
  });

  it("repeats no n-gram that its table leaves out, where the greedy text does", async () => {
    const models = hashedModels("causal", { vocabSize: 6 });
    const repeated = async (options: Record<string, unknown>, decoder = momentum) => {
      const given = { max_new_tokens: 60, ...options };
      const ids = (await write(given, { decoder, models })).canvas.ids().slice(PROMPT.length);
      const grams = ids.slice(2).map((_, i) => ids.slice(i, i + 3).join());
      return grams.length - new Set(grams).size;
    };
    expect(await repeated({}, autoregressive)).toBeGreaterThan(0);
    expect(await repeated({ resistance: { 1: 0, 2: 0 }, top_k: 6 })).toBe(0);
  });

  it("resists more than five repeated tokens as five", async () => {
    const law = { key: () => 0, logits: () => Float64Array.of(2, 1, 0, 0, 0) };
    const models = { target: mockModel({ law, capabilities: { vocabSize: 5, maxLength: 96 } }) };
    const { done } = await write({ resistance: { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 } }, { models });
    expect(done.ids).toEqual(new Array(40).fill(0));
  });

  it("labels its text by what it is", async () => {
    const { events } = await write({ alpha: 0.3 });
    expect(events[0]).toMatchObject({ fidelity: "exact" });
    const [start] = events;
    expect(start.type === "start" && start.law.sentence).toBe(
      "Exactly the momentum decoding of mock (alpha 0.3, 5 candidates).",
    );
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ temperature: 0.7 }, /^temperature can't be 0.7: give 0,/],
    [{ repetition_penalty: 1.1 }, /^repetition_penalty can't be 1.1: give 1,/],
    [{ logit_bias: { 3: 1 } }, /^logit_bias can't be honoured by momentum/],
    [{ alpha: -0.1 }, /^alpha can't be -0.1/],
    [{ top_k: 0 }, /^top_k can't be 0: give an integer from 1 to 64/],
    [{ resistance: { 6: 1 } }, /^resistance can't be {"6":1}: give numbers of at least 0 to lengths from 1 to 5/],
    [{ resistance: { 0: 1 } }, /^resistance can't be {"0":1}/],
    [{ resistance: { 2: -1 } }, /^resistance can't be {"2":-1}/],
    [{ infill: true }, /momentum writes on from the end of a prompt/],
  ])("refuses %o by name", async (options, message) => {
    await expect(write(options)).rejects.toThrow(message);
  });

  it("leaves out the temperature and the penalty that a model has by default", async () => {
    const models = hashedModels("causal", { generation: { temperature: 0.7, repetition_penalty: 1.2, ignored: [] } });
    expect((await write({}, { models })).done.ids).toEqual((await write({})).done.ids);
  });

  it("never writes an id that only pads the vocabulary", async () => {
    const models = hashedModels("causal", { numTokens: 8 });
    const { done } = await write({ top_k: 3 }, { models });
    expect(Math.max(...done.ids)).toBeLessThan(8);
    expect(done.ids).toHaveLength(40);
  });
});
