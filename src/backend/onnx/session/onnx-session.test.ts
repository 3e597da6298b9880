// Over 300 lines: what the session seam promises, on one graph with a law behind it, beside the mock of that law.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { earlyExit } from "../../../extension/early-exit/key.js";
import { STATES } from "../../../extension/states/key.js";
import { TEXT_DRAFTS } from "../../../extension/text-drafts/key.js";
import { TWIN } from "../../../extension/twin/key.js";
import { pause } from "../../../decode/engine/scheduler.js";
import type { Attend, ForwardRequest } from "../../../seam/forward.js";
import { ARGMAX, type Selected, sample } from "../../../seam/questions/sample.js";
import { type Verdict, verify } from "../../../seam/questions/verify.js";
import { GREEDY } from "../../../seam/sampler.js";
import type { Pending } from "../../../seam/pending.js";
import type { Session } from "../../../seam/session.js";
import { graphModel } from "../../../testing/graph-model.js";
import { hashedLaw } from "../../../testing/laws.js";
import type { GraphRun } from "../graph-run.js";
import { Line } from "../../host/line.js";
import { mockModel } from "../../host/mock.js";

const V = 31;
const CONTEXT = 700;
const law = hashedLaw(3, V);
const capabilities = { vocabSize: V, maxLength: CONTEXT, bidirectional: true, blockLengths: [4], numLayers: 3 };
const tokens = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ((i + from) * (i + from) * 7 + 5) % V);

/** What the next forward of the graph does first. */
let before: () => Promise<void>;
const through = (graph: GraphRun): GraphRun => ({
  ...graph,
  async run(feeds) {
    const own = before;
    before = async () => undefined;
    await own();
    return graph.run(feeds);
  },
});
const line = new Line(pause);
const model = graphModel({ law, shallow: hashedLaw(4, V), capabilities, line, through, latency: pause });
const mock = mockModel({ law, shallow: () => hashedLaw(4, V), capabilities });
let session: Session;
let twin: Session;
beforeEach(() => {
  before = async () => undefined;
  session = model.session();
  twin = mock.session();
});
afterEach(() => session.dispose());

const both = () => [session, twin];
const read = (ids: readonly number[], on = both()) => {
  for (const one of on) one.forward({ tokens: ids, attend: "causal", rows: [], keep: ids.length });
};
/** A forward on both; their logits are the same. */
async function expectSame(request: ForwardRequest): Promise<void> {
  const [own, expected] = both().map((one) => one.forward(request).logits());
  expect(await own, JSON.stringify(request)).toEqual(await expected);
}
async function expectSameText(): Promise<void> {
  await expectSame({ tokens: [7, 8], attend: "causal", rows: "last", keep: 0 });
  expect(session.length).toBe(twin.length);
}
function codeOf(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

describe("a session on a graph says what a mock says", () => {
  it.each<[string, Attend, number]>([
    ["causal rows", "causal", 3],
    ["rows that see all", "full", 6],
    ["blocks", { block: 4 }, 4],
    ["a tree", { parents: [-1, 0, 1, 1, 2, -1] }, 2],
    ["ranks", { rank: [1, 0, 2, 3, 4, 2] }, 2],
    ["strict ranks, of which two ask", { rank: [0, 1, 2, 3, 4, 4], strict: true, queries: 2 }, 0],
  ])("of %s, kept and not", async (_title, attend, keep) => {
    read(tokens(8));
    await expectSame({ tokens: tokens(6, 20), attend, keep });
    await expectSameText();
  });

  it("of a set, also where its rows are more than one forward takes", async () => {
    for (const lengths of [
      [3, 1, 4],
      [200, 17, 330],
    ]) {
      read(tokens(5, 3));
      const ids = tokens(lengths.reduce((a, b) => a + b));
      await expectSame({ tokens: ids, attend: { segments: lengths }, rows: "last", keep: ids.length });
      await expectSameText();
      for (const one of both()) one.truncate(7);
      await expectSameText();
      for (const one of both()) one.truncate(0);
    }
  });

  it("of rows at given positions, and of rows that overwrite slots", async () => {
    read(tokens(9));
    await expectSame({ tokens: [4, 5], positions: [30, 11], attend: "causal", keep: 2 });
    for (const attend of ["causal", { block: 4 }] as const) {
      await expectSame({ tokens: [9, 10, 11], slots: [6, 2, 3], attend, keep: 0 });
      await expectSameText();
    }
    await session.settle();
    expect(session.match([...tokens(2), 10, 11])).toBe(4);
  });

  it("of a prompt that is cut in pieces", async () => {
    await expectSame({ tokens: tokens(650), attend: "causal", rows: "last", keep: 650 });
    await expectSameText();
  });

  it("of listed rows that are kept, of what is cut, and of a fork", async () => {
    read(tokens(6));
    for (const one of both()) {
      one.forward({ tokens: [1, 5, 9, 2, 6], attend: { parents: [-1, 0, 0, 2, 2] }, keep: 1 });
      one.keep([2, 4]);
    }
    await expectSameText();
    for (const one of both()) one.truncate(7);
    await expectSameText();
    [session, twin] = [session.fork(), twin.fork()];
    read([3, 3]);
    await expectSameText();
  });

  it("of its twin and of its first layers, each with a cache of its own", async () => {
    const whole = [session, twin];
    for (const key of [TWIN, earlyExit(2)]) {
      [session, twin] = whole.map((one) => one.beside(key));
      read(tokens(4));
      await expectSameText();
    }
    [session, twin] = whole;
    expect(session.length).toBe(0);
    await expectSameText();
  });
});

describe("what is asked runs ahead", () => {
  const draw = (on: Session, input: ForwardRequest["tokens"]): Pending<Selected[]> =>
    on
      .forward({ tokens: input, attend: "causal", rows: "last", keep: input.length })
      .ask(sample({ ...GREEDY, temperature: 1 }));

  it("by references to tokens that aren't there yet, and reads in any order", async () => {
    const texts = both().map(async (one) => {
      const drawn = [draw(one, tokens(5))];
      for (let i = 0; i < 20; i++) drawn.push(draw(one, [drawn[i].ref(0)]));
      expect(one.length).toBe(25);
      const values = await Promise.all(drawn.reverse().map((pending) => pending.read()));
      return values.map(([{ token }]) => token);
    });
    expect(await texts[0]).toEqual(await texts[1]);
    await session.settle();
    const ids = [...tokens(5), ...(await texts[0]).reverse()];
    expect(session.match(ids)).toBe(25);
  });

  it("by references to another model's results, whose length follows a verdict that wasn't read", async () => {
    const target = session;
    const drafter = model.session();
    read(tokens(5), [target, drafter]);
    let last: ForwardRequest["tokens"][number] = 7;
    const verdicts: Pending<Verdict>[] = [];
    for (let round = 0; round < 4; round++) {
      const drafts: ForwardRequest["tokens"][number][] = [];
      let input = last;
      for (let i = 0; i < 3; i++) {
        const pending = drafter.forward({ tokens: [input], attend: "causal", rows: "last", keep: 1 }).ask(ARGMAX);
        input = pending.ref(0);
        drafts.push(input);
      }
      const verdict: Pending<Verdict> = target
        .forward({ tokens: [last, ...drafts], attend: "causal", keep: 1 })
        .ask(verify(GREEDY));
      target.keep(verdict);
      drafter.truncate(target, 0);
      expect(() => target.length).toThrow(/settle/);
      expect(() => drafter.length).toThrow(/settle/);
      last = verdict.ref("last");
      verdicts.push(verdict);
    }
    const written = (await Promise.all(verdicts.map((verdict) => verdict.read()))).flatMap(({ emitted }) => emitted);
    await Promise.all([target.settle(), drafter.settle()]);
    // The drafter is the target: all is accepted but that the drafter didn't read its last draft.
    const expected = [...tokens(5), 7];
    for (let i = 0; i < written.length; i++) {
      const fresh = mock.session();
      const [{ token }] = await fresh
        .forward({ tokens: expected, attend: "causal", rows: "last", keep: 0 })
        .ask(ARGMAX)
        .read();
      expected.push(token);
    }
    expect(written.map(({ token }) => token)).toEqual(expected.slice(6));
    expect(target.match(expected)).toBe(5 + written.length);
    expect(drafter.match(expected)).toBe(drafter.length);
    drafter.dispose();
  });

  it("with drafts out of the text so far", async () => {
    const copied = both().map((one) => {
      one.forward({ tokens: [1, 2, 3, 4, 1, 2], attend: "causal", rows: [], keep: 6 });
      return one.beside(TEXT_DRAFTS).copy({ last: 3, maxNgram: 3, count: 2 }).read();
    });
    expect(await copied[0]).toEqual([4, 1]);
    expect(await copied[1]).toEqual([4, 1]);
  });

  it("to results that outlive their session", async () => {
    const other = model.session();
    const pending = draw(other, tokens(5));
    other.dispose();
    expect((await pending.read())[0].token).toBe((await draw(twin, tokens(5)).read())[0].token);
    expect(codeOf(() => read([1], [other]))).toBe("invariant");
  });
});

describe("rows", () => {
  it("die at the session's next forward", async () => {
    read(tokens(6));
    const rows = session.forward({ tokens: [7], attend: "causal", keep: 1 });
    const pending = rows.ask(ARGMAX);
    read([8]);
    expect(codeOf(() => rows.ask(ARGMAX))).toBe("invariant");
    await expect(rows.logits()).rejects.toMatchObject({ code: "invariant" });
    expect(await pending.read()).toHaveLength(1);
  });

  it("leave their states, where those of all kept rows are known to be", async () => {
    const states = session.beside(STATES);
    session.forward({ tokens: tokens(4), attend: "causal", rows: [], states, keep: 4 });
    expect(states.length).toBe(4);
    read([1], [session]);
    expect(states.length).toBe(4);
    session.truncate(3);
    session.forward({ tokens: [2], attend: "causal", rows: [], states, keep: 1 });
    expect(states.length).toBe(4);
    expect(codeOf(() => model.session().forward({ tokens: [2], attend: "causal", states, keep: 1 }))).toBe("invariant");
  });
});

describe("a forward that fails", () => {
  const broken = async () => {
    throw new Error("the graph ended");
  };

  it("tells every reader that depends on it, and the next text is written", async () => {
    read(tokens(6));
    await session.settle();
    before = broken;
    const lost = session.forward({ tokens: [7], attend: "causal", keep: 1 }).ask(ARGMAX);
    const behind = session.forward({ tokens: [lost.ref(0)], attend: "causal", keep: 1 }).ask(ARGMAX);
    const other = model.session();
    const elsewhere = other.forward({ tokens: [lost.ref(0)], attend: "causal", keep: 1 });
    for (const pending of [lost, behind]) await expect(pending.read()).rejects.toThrow("the graph ended");
    await expect(elsewhere.logits()).rejects.toThrow("the graph ended");
    await Promise.all([session.settle(), other.settle()]);
    expect([session.length, other.length]).toEqual([6, 0]);
    expect(session.match(tokens(6))).toBe(6);
    await expectSameText();
    other.dispose();
  });

  it("is told of by the forwards behind it, which would read a text without its rows", async () => {
    before = broken;
    const lost = session.forward({ tokens: tokens(6), attend: "causal", rows: "last", keep: 6 }).logits();
    const behind = session.forward({ tokens: [5], attend: "causal", keep: 1 }).logits();
    for (const logits of [lost, behind]) await expect(logits).rejects.toThrow("the graph ended");
    await session.settle();
    expect(session.length).toBe(0);
    await expectSameText();
  });

  it("is no fault of what another session does meanwhile", async () => {
    before = broken;
    const lost = session.forward({ tokens: [7], attend: "causal", keep: 1 }).logits();
    const other = model.session();
    const [own, expected] = [other, twin].map((one) =>
      one.forward({ tokens: [5], attend: "causal", keep: 1 }).logits(),
    );
    await expect(lost).rejects.toThrow("the graph ended");
    expect(await own).toEqual(await expected);
    other.dispose();
  });

  it("by logits that aren't finite says of which model, to all that is asked of them", async () => {
    const nan = { ...law, logits: () => new Float64Array(V).fill(Number.NaN) };
    const sick = graphModel({ law: nan, capabilities: { ...capabilities, name: "sick" }, line }).session();
    const rows = sick.forward({ tokens: [1], attend: "causal", keep: 1 });
    const next = sick.forward({ tokens: [rows.ask(ARGMAX).ref(0)], attend: "causal", keep: 1 });
    await expect(rows.logits()).rejects.toMatchObject({ code: "invariant" });
    for (const asked of [next.ask(ARGMAX).read(), next.logits()]) {
      await expect(asked).rejects.toThrow(/logits of sick aren't finite/);
    }
    sick.dispose();
  });

  it("by logits that aren't finite advises debug where layers can be looked behind, which those of a graph can't", async () => {
    const nan = { ...law, logits: () => new Float64Array(V).fill(Number.NaN) };
    const messages = [undefined, {}].map(async (lacks) => {
      const sick = graphModel({ law: nan, capabilities: { ...capabilities, name: "sick", lacks }, line }).session();
      const read = sick
        .forward({ tokens: [1], attend: "causal", keep: 1 })
        .ask(ARGMAX)
        .read();
      const { message }: Error = await read.then(
        () => new Error("It was read."),
        (error: Error) => error,
      );
      sick.dispose();
      return message;
    });
    const [own, graph] = await Promise.all(messages);
    expect(own).toMatch(/on device webgpu, debug \(--debug\) tells in which layer/);
    expect(graph).toMatch(/^The logits of sick aren't finite \(NaN or infinity\)\. .*ONNX files with dtype/);
  });
});

describe("invalid requests throw before anything is asked, and leave the session usable", () => {
  const cases: [string, ForwardRequest, string][] = [
    ["an id past the vocabulary", { tokens: [5, V], attend: "causal", keep: 2 }, "bad_token"],
    ["a negative id", { tokens: [-1], attend: "causal", keep: 1 }, "bad_token"],
    ["a fraction", { tokens: [1.5], attend: "causal", keep: 1 }, "bad_token"],
    [
      "more rows than the context",
      { tokens: tokens(CONTEXT + 1), attend: "causal", rows: "last", keep: CONTEXT + 1 },
      "context_exceeded",
    ],
    ["no rows", { tokens: [], attend: "causal", keep: 0 }, "invariant"],
    ["a mask without an adapter", { tokens: [1, { mask: 0 }], attend: "causal", keep: 1 }, "invariant"],
    ["slots past the length", { tokens: [1], slots: [10], attend: "causal", keep: 0 }, "invariant"],
    ["too few parents", { tokens: [1, 2], attend: { parents: [-1] }, keep: 0 }, "invariant"],
    ["a logit row that isn't there", { tokens: [1, 2], attend: "causal", rows: [2], keep: 0 }, "invariant"],
    ["a row of a block that sees one that isn't kept", { tokens: [1, 2], attend: { block: 4 }, keep: 1 }, "invariant"],
  ];
  it.each(cases)("%s", async (_title, request, code) => {
    read(tokens(10));
    const counts = { ...session.counts };
    expect(codeOf(() => session.forward(request))).toBe(code);
    expect(session.counts).toEqual(counts);
    await expectSameText();
  });

  it("verdicts that aren't of the last forward, and lengths that aren't known", async () => {
    read(tokens(5));
    const rows = session.forward({ tokens: [1, 2, 3], attend: "causal", keep: 1 });
    const [plain, verdict] = [rows.ask(ARGMAX), rows.ask(verify(GREEDY))];
    expect(codeOf(() => session.keep(plain as unknown as typeof verdict))).toBe("invariant");
    session.keep(verdict);
    expect(codeOf(() => session.keep(verdict))).toBe("invariant");
    expect([session.maxLength, codeOf(() => session.fork())]).toEqual([8, "invariant"]);
    await session.settle();
    expect(session.length).toBe(6 + (await verdict.read()).accepted);
  });
});
