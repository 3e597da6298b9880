import { describe, expect, it } from "vitest";
import { Losses } from "../../testing/losses.js";
import { hashedModels, type Rehearsed, rehearse } from "../../testing/rehearsal.js";
import { ordersOf } from "../../testing/sets.js";
import type { TokenId } from "../../vocabulary/events.js";
import { autoregressive } from "../autoregressive/decoder.js";
import { decoders } from "../index.js";
import { planRun } from "../engine/plan.js";
import { ordersApart } from "../orders-apart.js";
import { setBased } from "./decoder.js";

const SEGMENTS: TokenId[][] = [[7, 8], [4], [7, 1, 2, 6], [3, 5, 3]];
/** Two sets, the second of two segments. */
const inOrder = (segments: readonly TokenId[][]) => ({
  promptIds: [1, 2, 3, ...segments.flat(), 9, 0, 11, 11, 10, 5],
  sets: [
    { start: 3, lengths: segments.map(({ length }) => length) },
    { start: 14, lengths: [1, 2] },
  ],
});
const PROMPT = inOrder(SEGMENTS);
const MODELS = hashedModels("causal");

const write = (options: Record<string, unknown> = {}, more: Partial<Rehearsed> = {}) =>
  rehearse({ decoder: setBased, models: MODELS, ...PROMPT, options: { max_new_tokens: 12, ...options }, ...more });

describe("a prompt with sets", () => {
  it.each([{}, { temperature: 0.9, top_k: 6, repetition_penalty: 1.3, seed: 4 }])(
    "gives the same events in all orders of its segments: %j",
    async (options) => {
      const { events, done } = await write(options);
      const orders = ordersOf(SEGMENTS);
      expect(orders).toHaveLength(24);
      for (const order of orders) expect((await write(options, inOrder(order))).events).toEqual(events);
      const plain = async (order: TokenId[][]) =>
        (await write(options, { ...inOrder(order), sets: [], decoder: autoregressive })).done.ids;
      expect(await plain(SEGMENTS)).not.toEqual(done.ids);
      expect(await plain(SEGMENTS.toReversed())).not.toEqual(await plain(SEGMENTS));
    },
  );

  it("is the ordinary prompt where its sets have one segment, or it has none", async () => {
    const { promptIds } = PROMPT;
    for (const temperature of [0, 0.9]) {
      const plain = await write({ temperature }, { promptIds, sets: [], decoder: autoregressive });
      for (const sets of [[], [{ start: 2, lengths: [5] }]]) {
        const { events, done } = await write({ temperature }, { promptIds, sets });
        expect(done.ids).toEqual(plain.done.ids);
        const logprobs = (all: typeof events) => all.flatMap((event) => ("edits" in event ? event.edits : []));
        expect(logprobs(events)).toEqual(logprobs(plain.events));
      }
    }
  });

  it("has sampling, stops and lengths as plain text has", async () => {
    const { done } = await write({ max_new_tokens: 12, temperature: 0.7 });
    const { text, ids } = done;
    expect(ids).toHaveLength(12);
    const stopped = await write({ temperature: 0.7, stop: [text.slice(4, 6)] });
    expect(stopped.done).toMatchObject({ reason: "stop", text: text.slice(0, text.indexOf(text.slice(4, 6))) });
    expect((await write({ max_new_tokens: 0 })).done.ids).toEqual([]);
    // 19 of 96 slots are taken.
    expect((await write({ max_new_tokens: 500 })).done).toMatchObject({ reason: "length", metrics: { tokens: 77 } });
  });

  it("counts a forward for each text and set before the last text", async () => {
    const { done } = await write({ max_new_tokens: 5 });
    expect(done.metrics.forwards).toBe(4 + 5);
    expect(done.metrics.rows).toBe(PROMPT.promptIds.length + 4);
  });

  it("says whose law its text has", async () => {
    const { events } = await write();
    expect(events[0]).toMatchObject({
      fidelity: "exact",
      law: {
        sentence: "Exactly the greedy text of mock, with the segments of each set of the prompt read side by side.",
      },
    });
  });
});

describe("a session that is used again", () => {
  const plain = (target: Rehearsed["target"], ids = PROMPT.promptIds) =>
    write({}, { decoder: autoregressive, promptIds: ids, sets: [], target });

  it("serves plain text with the ids of a set, and a set with those of plain text, as a new one", async () => {
    const target = MODELS.target.session();
    const canonical = (await write()).canvas.ids().slice(0, PROMPT.promptIds.length);
    const [asSet, asText] = [(await write()).done.ids, (await plain(undefined, canonical)).done.ids];
    expect(asSet).not.toEqual(asText);
    for (let i = 0; i < 2; i++) {
      expect((await plain(target, canonical)).done.ids).toEqual(asText);
      expect((await write({}, { target })).done.ids).toEqual(asSet);
    }
  });

  it("keeps what is read the same: all of a set in another order, and what stands before another set", async () => {
    const target = MODELS.target.session();
    await write({ max_new_tokens: 1 }, { target });
    const again = await write({ max_new_tokens: 1 }, { ...inOrder(SEGMENTS.toReversed()), target });
    expect(again.done.metrics).toMatchObject({ forwards: 1, rows: 1 });
    const other = await write({ max_new_tokens: 1 }, { ...inOrder([[4, 4], ...SEGMENTS.slice(1)]), target });
    expect(other.done.metrics.rows).toBe(PROMPT.promptIds.length - 3);
  });

  it("goes on from its canvas as the run that is longer", async () => {
    const long = await write();
    const { canvas, target } = await write({ max_new_tokens: 5 });
    for (const session of [target, MODELS.target.session()]) {
      const copy = (await write({ max_new_tokens: 5 })).canvas;
      const { done } = await write({}, { canvas: copy, promptIds: undefined, sets: undefined, target: session });
      expect(done.ids).toEqual(long.done.ids);
    }
    expect(canvas.sets).toEqual([
      { start: 3, lengths: [3, 1, 4, 2] },
      { start: 14, lengths: [1, 2] },
    ]);
  });

  it("is left for a new one when its device is lost after any step, and nothing changes", async () => {
    const { done } = await write({ temperature: 0.8 });
    for (let step = 0; step < 12; step++) {
      const losses = new Losses((latency) => hashedModels("causal", {}, { latency }));
      const onEvent = losses.after((numSteps) => numSteps === step && losses.count === 1);
      const { recovery, models } = losses;
      const lost = await write({ temperature: 0.8 }, { models, recovery, onEvent, lookahead: 1 });
      expect(losses.count).toBe(2);
      expect(lost.done.ids).toEqual(done.ids);
    }
  });
});

describe("sets that can't be read", () => {
  const others = decoders.filter(({ readsSets }) => !readsSets);

  it.each(others)("are refused by $name, by name", (decoder) => {
    const { capabilities } = MODELS.target;
    expect(() => planRun({ decoder, capabilities, ...PROMPT })).toThrow(
      `The prompt has a set, which ${decoder.name} can't read: choose set-based, or leave the marks`,
    );
  });

  it("are those of a prompt that is too long, which is told before anything runs", async () => {
    const target = MODELS.target.session();
    const promptIds = Array.from({ length: 97 }, (_, i) => i % 13);
    const run = write({}, { promptIds, sets: [{ start: 1, lengths: [40, 50] }], target });
    await expect(run).rejects.toMatchObject({ code: "prompt_too_long" });
    expect(target.counts.forwards).toBe(0);
  });
});

it("two orders are apart by nothing as sets, and by something as plain text", async () => {
  const letters = {
    encode: (text: string) => [...text].map((letter) => letter.charCodeAt(0) - 97),
    promptIds: (text: string) => letters.encode(text),
  };
  const apart = (one: string, other: string) => ordersApart(MODELS.target, letters, [one, other]);
  const { setBased: asSets, ordinary } = await apart("ab<set>cd<|>e<|>fgh</set>i", "ab<set>e<|>fgh<|>cd</set>i");
  expect(asSets).toBe(0);
  // The same by the definition, of two laws.
  const lawOf = async (text: string) => {
    const tokens = letters.encode(text);
    const rows = MODELS.target.session().forward({ tokens, attend: "causal", rows: "last", keep: 0 });
    const weights = Array.from(await rows.logits(), Math.exp);
    return weights.map((weight) => weight / weights.reduce((a, b) => a + b));
  };
  const [p, q] = [await lawOf("abcdefghi"), await lawOf("abefghcdi")];
  expect(ordinary).toBeCloseTo(
    p.reduce((sum, mass, i) => sum + mass * Math.log(mass / q[i]), 0),
    9,
  );
  expect(ordinary).toBeGreaterThan(0.01);
  expect(await apart("abc", "abc")).toEqual({ setBased: 0, ordinary: 0 });
});
