// Over 300 lines: one list of what the session seam promises, on one small model.
import { memoryOf } from "../../../extension/row-memory/key.js";
import { race } from "../../../seam/questions/race.js";
import { ARGMAX, sample } from "../../../seam/questions/sample.js";
import { topK } from "../../../seam/questions/top-k.js";
import { verify } from "../../../seam/questions/verify.js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { fileSource } from "../../../format/file-source.js";
import { TriptychError } from "../../../vocabulary/errors.js";
import { divergence, measure as measureLaw, withCredit } from "../../../sampling/measure.js";
import { loadArchitecture, loadTransformer } from "../load/load.js";
import type { Attend, ForwardRequest } from "../../../seam/forward.js";
import { measure, type RowMemory } from "../../../seam/questions/measure.js";
import type { Model } from "../../../seam/model.js";
import type { Rows } from "../../../seam/rows.js";
import { GREEDY } from "../../../seam/sampler.js";
import type { Session } from "../../../seam/session.js";
import { fileDevice } from "../../../testing/file-device.js";

const CONTEXT = 700;

const gpu = await fileDevice();
let model: Model;
let session: Session;

beforeAll(async () => {
  const source = fileSource("tests/fixtures/models/qwen3");
  // Longer than one forward may be, so that long prompts are cut.
  model = await loadTransformer(gpu, source, { ...(await loadArchitecture(source)), maxLength: CONTEXT });
  session = model.session();
});
afterAll(() => {
  session.dispose();
  model.dispose();
});
beforeEach(() => session.truncate(0));

const tokens = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ((i + from) * (i + from) * 17 + 5) % 300);
const store = (ids: readonly number[], attend: Attend = "causal", on = session) =>
  on.forward({ tokens: ids, attend, rows: [], keep: ids.length });
const codeOf = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    return error instanceof TriptychError ? error.code : String(error);
  }
  return "no error";
};
/** Logits of the last row of `ids`, computed on a session of its own. */
async function fresh(request: Omit<ForwardRequest, "keep">, before: readonly number[] = []): Promise<Float32Array> {
  const other = model.session();
  if (before.length > 0) store(before, "causal", other);
  const logits = await other.forward({ rows: "last", ...request, keep: 0 }).logits();
  other.dispose();
  return logits;
}
const last = (ids: readonly number[], attend: Attend = "causal", on = session) =>
  on.forward({ tokens: ids, attend, rows: "last", keep: 0 }).logits();

describe("length", () => {
  it("counts kept rows only; scratch rows vanish", async () => {
    session.forward({ tokens: tokens(9), attend: "causal", rows: [], keep: 6 });
    expect(session.length).toBe(6);
    expect(await last(tokens(2, 6))).toEqual(await last(tokens(8), "causal", model.session()));
  });

  it("is unknown while it depends on a verdict, and known once that is read", async () => {
    store(tokens(5));
    const rows = session.forward({ tokens: [7, 8, 9], attend: "causal", keep: 1 });
    const verdict = rows.ask(verify(GREEDY));
    session.keep(verdict);
    expect(codeOf(() => session.length)).toBe("invariant");
    expect(session.maxLength).toBe(8);
    const { accepted } = await verdict.read();
    expect(session.length).toBe(6 + accepted);
    expect(session.maxLength).toBe(6 + accepted);
  });

  it("settles without the verdict, together with tokens that only the device knew", async () => {
    store(tokens(5));
    const drawn = session.forward({ tokens: [7], attend: "causal", rows: "last", keep: 1 }).ask(ARGMAX);
    const rows = session.forward({ tokens: [drawn.ref(0), 8], attend: "causal", keep: 1 });
    session.keep(rows.ask(verify(GREEDY)));
    expect(codeOf(() => session.match([]))).toBe("invariant");
    await session.settle();
    expect(session.length).toBeGreaterThanOrEqual(7);
    const [{ token }] = await drawn.read();
    expect(session.match([...tokens(5), 7, token])).toBe(7);
  });

  it("follows another session's length that isn't read yet", async () => {
    const draft = model.session();
    store(tokens(9), "causal", draft);
    store(tokens(4));
    const verdict = session.forward({ tokens: [7, 8, 9], attend: "causal", keep: 1 }).ask(verify(GREEDY));
    session.keep(verdict);
    draft.truncate(session, -1);
    expect(codeOf(() => draft.length)).toBe("invariant");
    const { accepted } = await verdict.read();
    expect(draft.length).toBe(4 + accepted);
    await draft.settle();
    const more = tokens(3, 40);
    expect(await last(more, "causal", draft)).toEqual(
      await fresh({ tokens: more, attend: "causal" }, tokens(4 + accepted)),
    );
    draft.dispose();
  });

  it("settles to what it is after work that was enqueued meanwhile", async () => {
    store(tokens(4));
    session.keep(session.forward({ tokens: [7, 8], attend: "causal", keep: 1 }).ask(verify(GREEDY)));
    const settled = session.settle();
    session.forward({ tokens: [3, 4], attend: "causal", rows: [], keep: 2 });
    await settled;
    expect(session.length).toBeGreaterThanOrEqual(7);
    const { length } = session;
    session.forward({ tokens: [5], attend: "causal", rows: [], keep: 1 });
    expect(session.length).toBe(length + 1);
  });
});

describe("rows that ask and aren't seen", () => {
  it("change no other row, and see by their ranks", async () => {
    const session = model.session();
    const tokens = [5, 9, 30, 21];
    const rank = [0, 1, 2, 3];
    const ask = (more: number[], ranks: number[]) =>
      session.forward({
        tokens: [...tokens, ...more],
        positions: [0, 1, 2, 3, ...more.map((_, i) => 4 + i)],
        attend: { rank: [...rank, ...ranks], strict: true, queries: more.length },
        keep: 0,
      });
    const vocab = model.capabilities.vocabSize;
    const rowOf = (logits: Float32Array, row: number) => logits.slice(row * vocab, (row + 1) * vocab);
    const plain = await ask([], []).logits();
    const asked = await ask([7, 7, 8], [2, 4, 4]).logits();
    expect(asked.slice(0, plain.length)).toEqual(plain);
    // One alone says what it says beside others; of another rank it sees other rows.
    expect(rowOf(asked, 4)).toEqual(rowOf(await ask([7], [2]).logits(), 4));
    expect(rowOf(asked, 4)).not.toEqual(rowOf(await ask([7], [4]).logits(), 4));
    session.dispose();
  });
});

describe("truncate", () => {
  it("hides the dropped keys from everything later", async () => {
    store(tokens(40));
    session.truncate(11);
    for (const attend of [
      "causal",
      "full",
      { block: 4 },
      { parents: [-1, 0, 0] },
      { rank: [13, 11, 12] },
    ] satisfies Attend[]) {
      const request = { tokens: tokens(3, 60), attend, rows: "all" as const };
      const rows = session.forward({ ...request, keep: 0 });
      expect(await rows.logits(), JSON.stringify(attend)).toEqual(await fresh(request, tokens(11)));
    }
  });

  it("never grows, and stops at 0", () => {
    store(tokens(5));
    session.truncate(50);
    expect(session.length).toBe(5);
    session.truncate(-3);
    expect(session.length).toBe(0);
  });

  it("steps back to the edge of a block that reaches past the cut", () => {
    store(tokens(12), { block: 4 });
    session.truncate(10);
    expect(session.length).toBe(8);
    session.truncate(8);
    expect(session.length).toBe(8);
    session.truncate(3);
    expect(session.length).toBe(0);
  });

  it("forgets the blocks of what it dropped", () => {
    store(tokens(8), { block: 8 });
    session.truncate(0);
    store(tokens(8));
    session.truncate(5);
    expect(session.length).toBe(5);
  });

  it("steps back over rows that saw each other in turn", () => {
    // Row 0 saw row 2 and row 1 saw row 3: dropping row 3 takes row 1, with it row 2, and so row 0.
    store(tokens(3));
    session.forward({ tokens: tokens(4, 3), attend: { rank: [4, 6, 4, 6] }, rows: [], keep: 4 });
    session.truncate(6);
    expect(session.length).toBe(3);
  });

  it("cuts a session of blocks to another's known length at an edge, and refuses an unknown one", async () => {
    const other = model.session();
    store(tokens(8), { block: 4 }, other);
    store(tokens(6));
    other.truncate(session);
    expect(other.length).toBe(4);
    store(tokens(4, 4), { block: 4 }, other);
    session.keep(session.forward({ tokens: [7, 8], attend: "causal", keep: 1 }).ask(verify(GREEDY)));
    expect(codeOf(() => other.truncate(session))).toBe("invariant");
    await session.settle();
    other.dispose();
  });
});

describe("match", () => {
  it("cuts to the longest equal prefix, at a block's edge", () => {
    const ids = tokens(12);
    store(ids);
    expect(session.match(ids)).toBe(12);
    // By one, by none of what is left, and by more.
    expect(session.match([...ids.slice(0, 11), 299])).toBe(11);
    expect(session.match(ids.slice(0, 10))).toBe(10);
    expect(session.match([...ids.slice(0, 7), 299, 0])).toBe(7);
    expect(session.match(ids)).toBe(7);
    expect(session.match([299])).toBe(0);
    session.truncate(0);
    store(ids, { block: 4 });
    expect(session.match([...ids.slice(0, 7), 299, 0])).toBe(4);
  });

  it("sees tokens that were overwritten", async () => {
    const ids = tokens(8);
    store(ids);
    session.forward({ tokens: [299], attend: "causal", slots: [3], rows: [], keep: 0 });
    await session.settle();
    expect(session.match(ids)).toBe(3);
  });
});

describe("slots", () => {
  it("overwrite keys in place: another token changes what later rows see, the old one restores it bit for bit", async () => {
    const ids = tokens(20);
    store(ids);
    const before = await last([5]);
    const write = (token: number) =>
      session.forward({ tokens: [token], attend: "causal", slots: [6], rows: [], keep: 0 });
    write(299);
    const changed = await last([5]);
    write(ids[6]);
    expect(session.length).toBe(20);
    expect(changed).not.toEqual(before);
    expect(await last([5])).toEqual(before);
  });

  it("work on a full cache", async () => {
    store(tokens(CONTEXT));
    const rows = session.forward({ tokens: [1, 2], attend: "full", slots: [0, CONTEXT - 1], keep: 0 });
    expect((await rows.logits()).every(Number.isFinite)).toBe(true);
    expect(session.length).toBe(CONTEXT);
  });
});

describe("keep", () => {
  const chain = () => session.forward({ tokens: [7, 8, 9], attend: "causal", keep: 1 });

  it("takes the verdict of the last forward only, and once", async () => {
    store(tokens(5));
    const old = chain().ask(verify(GREEDY));
    session.forward({ tokens: [1], attend: "causal", rows: [], keep: 0 });
    expect(codeOf(() => session.keep(old))).toBe("invariant");
    const verdict = chain().ask(verify(GREEDY));
    session.keep(verdict);
    expect(codeOf(() => session.keep(verdict))).toBe("invariant");
    const cut = chain().ask(verify(GREEDY));
    session.truncate(3);
    expect(codeOf(() => session.keep(cut))).toBe("invariant");
    const other = model.session();
    store(tokens(5), "causal", other);
    const foreign = chain().ask(verify(GREEDY));
    expect(codeOf(() => other.keep(foreign))).toBe("invariant");
    other.dispose();
    await session.settle();
  });

  it("needs the pending token to be the last kept row", () => {
    const verdict = session.forward({ tokens: [7, 8, 9], attend: "causal", keep: 0 }).ask(verify(GREEDY));
    expect(codeOf(() => session.keep(verdict))).toBe("invariant");
  });

  const refused: [string, Attend, number][] = [
    ["a full row beside rows that aren't kept", "full", 2],
    ["a block row whose block isn't kept whole", { block: 4 }, 3],
    ["a ranked row that saw a later one", { rank: [2, 0, 1, 3] }, 1],
    ["a ranked row that later rows would not see", { rank: [0, 1, 2, 9] }, 4],
    ["a branch of a tree", { parents: [-1, 0, 0, 1] }, 3],
  ];
  it.each(refused)("is refused for %s, before anything is enqueued", (_title, attend, keep) => {
    const before = { ...session.counts, recorded: gpu.queue.dispatchCount };
    expect(codeOf(() => session.forward({ tokens: tokens(4), attend, keep }))).toBe("invariant");
    expect({ ...session.counts, recorded: gpu.queue.dispatchCount }).toEqual(before);
    expect(session.length).toBe(0);
  });

  it.each<[string, Attend, number]>([
    ["a whole block before a scratch one", { block: 4 }, 4],
    ["ranks that saw kept rows only", { rank: [1, 0, 2, 3, 4] }, 2],
    ["a tree's stem", { parents: [-1, 0, 1, 1, 2] }, 2],
  ])("is granted for %s", (_title, attend, keep) => {
    session.forward({ tokens: tokens(5), attend, rows: [], keep });
    expect(session.length).toBe(keep);
  });
});

describe("invalid requests throw before anything is enqueued and leave the session usable", () => {
  const cases: [string, () => ForwardRequest, string][] = [
    ["an id past the vocabulary", () => ({ tokens: [5, 300], attend: "causal", keep: 2 }), "bad_token"],
    ["a negative id", () => ({ tokens: [-1], attend: "causal", keep: 1 }), "bad_token"],
    ["a fraction", () => ({ tokens: [1.5], attend: "causal", keep: 1 }), "bad_token"],
    [
      "an id past the vocabulary in the second piece of a long prompt",
      () => ({ tokens: [...tokens(600), 300], attend: "causal", rows: "last", keep: 601 }),
      "bad_token",
    ],
    [
      "more rows than the context",
      () => ({ tokens: tokens(CONTEXT + 1), attend: "causal", rows: "last", keep: CONTEXT + 1 }),
      "context_exceeded",
    ],
    ["no rows", () => ({ tokens: [], attend: "causal", keep: 0 }), "invariant"],
    ["more kept than there are", () => ({ tokens: [1], attend: "causal", keep: 2 }), "invariant"],
    ["too few positions", () => ({ tokens: [1, 2], positions: [0], attend: "causal", keep: 0 }), "invariant"],
    ["slots past the length", () => ({ tokens: [1], slots: [10], attend: "causal", keep: 0 }), "invariant"],
    ["a slot twice", () => ({ tokens: [1, 2], slots: [4, 4], attend: "causal", keep: 0 }), "invariant"],
    ["kept rows in given slots", () => ({ tokens: [1], slots: [4], attend: "causal", keep: 1 }), "invariant"],
    ["too few parents", () => ({ tokens: [1, 2], attend: { parents: [-1] }, keep: 0 }), "invariant"],
    ["a parent behind its child", () => ({ tokens: [1, 2], attend: { parents: [1, -1] }, keep: 0 }), "invariant"],
    ["too few ranks", () => ({ tokens: [1, 2], attend: { rank: [0] }, keep: 0 }), "invariant"],
    ["a block of no length", () => ({ tokens: [1, 2], attend: { block: 0 }, keep: 0 }), "invariant"],
    ["a logit row that isn't there", () => ({ tokens: [1, 2], attend: "causal", rows: [2], keep: 0 }), "invariant"],
  ];
  it.each(cases)("%s", async (_title, request, code) => {
    store(tokens(10));
    const rows = last([5]);
    const expected = await rows;
    const before = { ...session.counts, recorded: gpu.queue.dispatchCount };
    expect(codeOf(() => session.forward(request()))).toBe(code);
    expect({ ...session.counts, recorded: gpu.queue.dispatchCount }).toEqual(before);
    expect(session.length).toBe(10);
    expect(await last([5])).toEqual(expected);
  });
});

describe("rows and results", () => {
  it("die at the session's next forward, but a pending result outlives it", async () => {
    store(tokens(6));
    const rows: Rows = session.forward({ tokens: [7], attend: "causal", keep: 1 });
    const pending = rows.ask(ARGMAX);
    session.forward({ tokens: [8], attend: "causal", rows: [], keep: 1 });
    for (const use of [() => rows.ask(ARGMAX), () => rows.ask(topK(2)), () => rows.ask(verify(GREEDY))]) {
      expect(codeOf(use)).toBe("invariant");
    }
    await expect(rows.logits()).rejects.toMatchObject({ code: "invariant" });
    const [{ token }] = await pending.read();
    expect((await pending.read())[0].token).toBe(token);
    const [expected] = await fresh({ tokens: [7], attend: "causal" }, tokens(6)).then((logits) => [logits]);
    expect(token).toBe(expected.indexOf(Math.max(...expected)));
  });

  it("give no result once the ring has overwritten it", () => {
    store(tokens(6));
    const rows = session.forward({ tokens: tokens(64), attend: "causal", keep: 0 });
    const pending = rows.ask(ARGMAX);
    for (let i = 0; i < 300; i++) rows.ask(ARGMAX);
    expect(codeOf(() => session.forward({ tokens: [pending.ref(0)], attend: "causal", keep: 0 }))).toBe("invariant");
  });

  it("of a tree are refused after so much other work that the list of rows and their paths are gone", () => {
    store(tokens(6));
    const rows = session.forward({ tokens: [7, 8], attend: { parents: [-1, -1] }, keep: 0 });
    for (let i = 0; i < 2; i++) gpu.queue.inputs.reserve(40_000);
    expect(codeOf(() => rows.ask(ARGMAX))).toBe("invariant");
  });

  it("of two sessions of one model don't mix when their forwards alternate", async () => {
    const other = model.session();
    const [a, b] = [tokens(30), tokens(30, 100)];
    const results: { mine: Promise<unknown>; theirs: Promise<unknown> }[] = [];
    for (let i = 0; i < 30; i += 5) {
      const request = { attend: "causal", rows: "last", keep: 5 } as const;
      const mine = session.forward({ ...request, tokens: a.slice(i, i + 5) });
      const theirs = other.forward({ ...request, tokens: b.slice(i, i + 5) });
      results.push({ theirs: theirs.ask(topK(3)).read(), mine: mine.ask(topK(3)).read() });
    }
    const alone = async (ids: number[], end: number) => {
      const single = model.session();
      const top = await single
        .forward({ tokens: ids.slice(0, end), attend: "causal", rows: "last", keep: 0 })
        .ask(topK(3))
        .read();
      single.dispose();
      return top;
    };
    for (let i = 0; i < results.length; i++) {
      expect(await results[i].mine).toEqual(await alone(a, (i + 1) * 5));
      expect(await results[i].theirs).toEqual(await alone(b, (i + 1) * 5));
    }
    other.dispose();
  });

  it("choose with the sampler they are given, call by call", async () => {
    store(tokens(6));
    const rows = session.forward({ tokens: [7], attend: "causal", keep: 0 });
    const plain = rows.ask(ARGMAX);
    const [best] = await plain.read();
    const without = rows.ask(sample({ ...GREEDY, suppress: [best.token] }));
    const biased = rows.ask(sample({ ...GREEDY, logitBias: new Map([[123, 1000]]) }));
    const again = rows.ask(ARGMAX);
    expect((await without.read())[0].token).not.toBe(best.token);
    expect((await biased.read())[0].token).toBe(123);
    expect((await again.read())[0]).toEqual(best);
    const top = (await rows.ask(topK(2)).read())[0];
    expect([top[0].token, top[1].token]).toEqual([best.token, (await without.read())[0].token]);
  });
});

describe("a row's race", () => {
  it.each([0, 0.6, 1.4])(
    "begins with what is drawn, then with what is drawn without that, at temperature %d",
    async (temperature) => {
      const logitBias = new Map([[7, 3]]);
      const sampler = { ...GREEDY, temperature, seed: 11, suppress: [3], logitBias };
      session.truncate(0);
      const rows = session.forward({ tokens: tokens(5), attend: "causal", keep: 0 });
      const first = await rows.ask(race(sampler, 4)).read();
      const taken: number[][] = first.map(() => []);
      for (let place = 0; place < 4; place++) {
        for (const [row, own] of taken.entries()) {
          const [...drawn] = await rows.ask(sample({ ...sampler, suppress: [3, ...own] })).read();
          own.push(drawn[row].token);
        }
      }
      expect(first).toEqual(taken);
      expect(new Set(first[0]).size).toBe(4);
    },
  );

  it("gives each of its tokens to later forwards", async () => {
    session.truncate(0);
    const raced = session.forward({ tokens: tokens(3), attend: "causal", keep: 3 }).ask(race(GREEDY, 3));
    const refs = [3, 7, 8].map((pick) => raced.ref(pick));
    session.forward({ tokens: refs, attend: "causal", rows: [], keep: 3 });
    const first = await raced.read();
    await session.settle();
    expect(session.match([...tokens(3), first[1][0], first[2][1], first[2][2]])).toBe(6);
    // Penalties and truncation change nothing.
    session.truncate(0);
    const rows = session.forward({ tokens: tokens(3), attend: "causal", keep: 0 });
    expect(await rows.ask(race({ ...GREEDY, repetitionPenalty: 2, topK: 1 }, 3)).read()).toEqual(first);
  });
});

describe("measured rows", () => {
  const sampler = { ...GREEDY, temperature: 1, seed: 3, suppress: [9] };
  const positions = [1, 3, 4];
  const V = 300;
  /** The rows of a forward, the logits they had, and what they measure with a memory. */
  async function step(ids: readonly number[], of: RowMemory) {
    const rows = session.forward({ tokens: ids, attend: "causal", rows: positions, keep: 0 });
    const flat = await rows.logits();
    const logits = positions.map((_, i) => flat.subarray(i * V, (i + 1) * V));
    return { logits, measured: await rows.ask(measure(sampler, { memory: { of, positions } })).read() };
  }
  const drawnAt = (logits: ArrayLike<number>, i: number) =>
    measureLaw(logits, sampler, { position: positions[i] + 1, draw: 0, history: [] });

  it("say how far their laws are from those of the step before, and nothing of a new memory's first", async () => {
    const of = session.beside(memoryOf({ keeps: "law" }));
    const first = await step(tokens(5), of);
    const second = await step(tokens(5, 3), of);
    expect(first.measured.map(({ divergence: kl }) => kl)).toEqual([null, null, null]);
    for (const [i, { divergence: kl, token, top, entropy }] of second.measured.entries()) {
      const expected = drawnAt(second.logits[i], i);
      expect([token, top.token]).toEqual([expected.token, expected.top.token]);
      expect(entropy).toBeCloseTo(expected.entropy, 4);
      expect(kl).toBeCloseTo(divergence(second.logits[i], first.logits[i], sampler.suppress), 3);
    }
    const [anew] = (await step(tokens(5), session.beside(memoryOf({ keeps: "law" })))).measured;
    expect(anew.divergence).toBeNull();
  });

  it("say how likely a given token is, and draw with other noise when asked", async () => {
    session.truncate(0);
    const rows = session.forward({ tokens: tokens(5), attend: "causal", rows: positions, keep: 0 });
    const flat = await rows.logits();
    const given = [4, 299, 17];
    const at = (draw: number, i: number) => ({ position: positions[i] + 1, draw, history: [] });
    for (const draw of [0, 3]) {
      const measured = await rows.ask(measure(sampler, { draw, given })).read();
      for (const [i, row] of measured.entries()) {
        const expected = measureLaw(flat.subarray(i * V, (i + 1) * V), sampler, at(draw, i), given[i]);
        expect(row.token).toBe(expected.token);
        expect(row.given).toBeCloseTo(expected.given as number, 4);
        expect(row.entropy).toBeCloseTo(expected.entropy, 4);
      }
    }
    expect((await rows.ask(measure(sampler)).read())[0].given).toBeNull();
    expect(() => rows.ask(measure(sampler, { given: [1] }))).toThrow(/1 given tokens for 3 rows/);
  });

  it("draw from logits with credits, which a position's earlier steps have earned", async () => {
    const rule = { keeps: "credit", decay: 0.8, power: 0.2, weight: 3 } as const;
    const of = session.beside(memoryOf(rule));
    const first = await step(tokens(5), of);
    const second = await step(tokens(5, 3), of);
    for (const [i, { token, top, logprob }] of second.measured.entries()) {
      const { credits } = withCredit(first.logits[i], null, rule, sampler.suppress);
      const expected = drawnAt(withCredit(second.logits[i], credits, rule, sampler.suppress).logits, i);
      expect([token, top.token]).toEqual([expected.token, expected.top.token]);
      expect(logprob).toBeCloseTo(expected.logprob, 4);
    }
  });
});

describe("the context", () => {
  it("ends with a position like any other: a model of room for more tokens says the same at it", async () => {
    const source = fileSource("tests/fixtures/models/qwen3");
    const logitsAt = async (maxLength: number) => {
      const own = await loadTransformer(gpu, source, { ...(await loadArchitecture(source)), maxLength });
      const logits = await own
        .session()
        .forward({ tokens: tokens(16), attend: "causal", rows: "last", keep: 16 })
        .logits();
      own.dispose();
      return logits;
    };
    expect(await logitsAt(16)).toEqual(await logitsAt(32));
  });
});

describe("a long prompt", () => {
  it("is cut in pieces and gives the bits of the same prompt stored bit by bit", async () => {
    const ids = tokens(650);
    const rows = session.forward({ tokens: ids, attend: "causal", rows: "last", keep: 650 });
    const long = await rows.logits();
    expect(session.length).toBe(650);
    session.truncate(0);
    for (let i = 0; i < 649; i += 59) store(ids.slice(i, Math.min(i + 59, 649)));
    expect(await last([ids[649]])).toEqual(long);
  });
});

describe("memory", () => {
  it("is given back when a session ends, and none is taken while one works", async () => {
    const run = async (on: Session) => {
      store(tokens(20), "causal", on);
      let next = on.forward({ tokens: [7], attend: "causal", rows: "last", keep: 1 }).ask(ARGMAX);
      for (let i = 0; i < 5; i++)
        next = on.forward({ tokens: [next.ref(0)], attend: "causal", rows: "last", keep: 1 }).ask(ARGMAX);
      await next.read();
    };
    await run(session);
    const { byteLength, bufferCount } = gpu.arena;
    const made = [gpu.kernels.pipelineCount, gpu.kernels.bindGroupCount];
    session.truncate(0);
    await run(session);
    expect([gpu.kernels.pipelineCount, gpu.kernels.bindGroupCount]).toEqual(made);
    for (let i = 0; i < 3; i++) {
      const other = model.session();
      await run(other);
      other.dispose();
    }
    expect([gpu.arena.byteLength, gpu.arena.bufferCount]).toEqual([byteLength, bufferCount]);
  });
});
