import { describe, expect, it } from "vitest";
import type { Edit, GenerationEvent } from "../../vocabulary/events.js";
import type { LawQuestion, ModelRef, TokenLaw } from "../../worker/client.js";
import { type Asked, Entropies } from "./entropy.js";

const insert = (slot: number, state: "prompt" | "committed"): Edit => ({
  op: "insert",
  slot,
  after: slot === 0 ? null : slot - 1,
  token: slot,
  state,
});
const EVENTS = [
  { type: "start", seq: 0, decoder: "autoregressive", options: {}, edits: [insert(0, "prompt")], pieces: [] },
  ...[1, 2, 3].map((slot) => ({
    type: "step",
    seq: slot,
    edits: [insert(slot, "committed")],
    pieces: [],
    forwards: 1,
  })),
  { type: "done", seq: 4, metrics: { rows: 3 } },
] as unknown as GenerationEvent[];
const origin = { ref: {} as ModelRef, prompt: "a" };
const pane: Asked = { name: "a", label: "A", events: EVENTS, origin };

/** Answers with the slot's number, and holds the answer behind the one that `holdsFrom` names. */
function model(holdsFrom = Number.POSITIVE_INFINITY) {
  const asked: number[] = [];
  const ask = async (_: ModelRef, { slot }: LawQuestion, signal: AbortSignal): Promise<TokenLaw> => {
    asked.push(slot);
    if (asked.length > holdsFrom) {
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    }
    return { entropyNats: slot, top: [], written: null };
  };
  return { asked, ask };
}

describe("the entropy over a text", () => {
  it("is asked for place by place, once, and told with its mean", async () => {
    const { ask, asked } = model();
    const entropies = new Entropies(ask, () => {});
    expect(entropies.chart([pane]).data).toBeNull();
    await entropies.start([pane]);
    await entropies.start([pane]);
    expect(asked).toEqual([1, 2, 3]);
    const { data, says } = entropies.chart([pane]);
    expect([data?.xs, data?.series.map(({ ys }) => ys)]).toEqual([[1, 2, 3], [[1, 2, 3]]]);
    expect(says).toBe("A: 2.00 nats in the mean.");
  });

  it("is given up by a person or where its text is gone, and keeps what came", async () => {
    for (const give of ["stop", "follow"] as const) {
      const { ask, asked } = model(2);
      const entropies = new Entropies(ask, () => {});
      const going = entropies.start([pane]);
      while (asked.length < 3) await Promise.resolve();
      entropies.follow([pane]);
      if (give === "stop") entropies.stop();
      else entropies.follow([{ ...pane, events: [] }]);
      await going;
      expect(entropies.chart([pane]).says).toBe("A: 1.50 nats in the mean, known of 2 of 3.");
    }
  });

  it("is asked for of no text that still grows, or that no model here wrote", async () => {
    const { ask, asked } = model();
    const entropies = new Entropies(ask, () => {});
    await entropies.start([
      { ...pane, events: EVENTS.slice(0, 3) },
      { ...pane, origin: null },
    ]);
    expect(asked).toEqual([]);
  });
});
