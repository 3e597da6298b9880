import { lawsFor } from "../../extension/laws/key.js";
import { judge } from "../../seam/questions/judge.js";
import { sample } from "../../seam/questions/sample.js";
import { verify } from "../../seam/questions/verify.js";
import { describe, expect, it } from "vitest";
import { hashedLaw, mixedLaw } from "../../testing/laws.js";
import { mockModel } from "./mock.js";
import type { Capabilities } from "../../seam/capabilities.js";
import type { Attend } from "../../seam/forward.js";
import { GREEDY } from "../../seam/sampler.js";
import type { Session } from "../../seam/session.js";

const TOKENS = [3, 1, 4, 1, 5, 9, 2, 6];

function session(capabilities: Partial<Capabilities> = {}): Session {
  const whole = { bidirectional: true, blockLengths: [4], ...capabilities, vocabSize: 11, maxLength: 32 };
  return mockModel({ law: hashedLaw(1, 11), capabilities: whole }).session();
}

async function lastLogits(s: Session, tokens: readonly number[], attend: Attend, keep = 0): Promise<number[]> {
  return [...(await s.forward({ tokens, attend, rows: "last", keep }).logits())];
}

describe("the mock's cache", () => {
  it("changes nothing: prefill, decode and recomputing give the same logits", async () => {
    const expected = await lastLogits(session(), TOKENS, "causal");
    const s = session();
    for (const token of TOKENS.slice(0, 5)) s.forward({ tokens: [token], attend: "causal", keep: 1 });
    s.forward({ tokens: [7, 7], attend: "causal", keep: 0 });
    expect(await lastLogits(s, TOKENS.slice(5), "causal")).toEqual(expected);
    const blocks = await lastLogits(session(), TOKENS, { block: 4 });
    const b = session();
    b.forward({ tokens: TOKENS.slice(0, 4), attend: { block: 4 }, keep: 4 });
    expect(await lastLogits(b, TOKENS.slice(4), { block: 4 })).toEqual(blocks);
    expect(blocks).not.toEqual(expected);
  });

  it("tells a stale row: one that was kept with another neighbour gives other logits", async () => {
    const expected = await lastLogits(session(), TOKENS, { block: 4 });
    const s = session();
    s.forward({ tokens: TOKENS.slice(0, 4), attend: "causal", keep: 4 });
    expect(await lastLogits(s, TOKENS.slice(4), { block: 4 })).not.toEqual(expected);
  });

  it("reads a tree's branch as the chain it is", async () => {
    const s = session();
    s.forward({ tokens: TOKENS.slice(0, 3), attend: "causal", keep: 3 });
    const tree = s.forward({ tokens: [8, 1, 7, 5], attend: { parents: [-1, -1, 0, 1] }, rows: "last", keep: 0 });
    expect([...(await tree.logits())]).toEqual(await lastLogits(session(), [...TOKENS.slice(0, 3), 1, 5], "causal"));
  });

  it("is cut back over blocks whose rows saw a dropped one", () => {
    const s = session();
    s.forward({ tokens: TOKENS, attend: { block: 4 }, keep: 8 });
    s.truncate(6);
    expect(s.length).toBe(4);
    s.truncate(9);
    expect(s.length).toBe(4);
    expect(s.match([3, 1, 9])).toBe(0);
  });

  it("overwrites given slots without growing", async () => {
    const s = session();
    s.forward({ tokens: [3, 1, 7], attend: "causal", keep: 3 });
    s.forward({ tokens: [4], slots: [2], attend: "causal", keep: 0 });
    expect(s.length).toBe(3);
    expect(await lastLogits(s, [1], "causal")).toEqual(await lastLogits(session(), [3, 1, 4, 1], "causal"));
  });
});

describe("the mock refuses", () => {
  it("to keep a row that saw one which isn't kept", () => {
    const keep = 3;
    expect(() => session().forward({ tokens: TOKENS, attend: { block: 4 }, keep })).toThrow(/can't be kept/);
    expect(() => session().forward({ tokens: TOKENS, attend: "full", keep })).toThrow(/can't be kept/);
    expect(() => session().forward({ tokens: TOKENS, attend: "causal", keep })).not.toThrow();
    expect(() => session().forward({ tokens: [1, 2], attend: { parents: [-1, -1] }, keep: 2 })).toThrow(
      /can't be kept/,
    );
  });

  it("rows of an older forward", () => {
    const s = session();
    const rows = s.forward({ tokens: [1], attend: "causal", keep: 1 });
    s.forward({ tokens: [2], attend: "causal", keep: 1 });
    expect(() => rows.ask(sample(GREEDY))).toThrow(/died/);
  });

  it("to tell a length that depends on an unread verdict", async () => {
    const [s, other] = [session(), session()];
    const verdict = s.forward({ tokens: [1, 2, 3], attend: "causal", keep: 1 }).ask(verify(GREEDY));
    s.keep(verdict);
    other.forward({ tokens: TOKENS, attend: "causal", keep: 8 });
    other.truncate(s, -1);
    expect(() => s.length).toThrow(/settle/);
    expect(() => other.length).toThrow(/settle/);
    expect([s.maxLength, other.maxLength]).toEqual([3, 2]);
    await s.settle();
    const { accepted } = await verdict.read();
    expect([s.length, other.length]).toEqual([1 + accepted, accepted]);
  });

  it("readings that the model wasn't trained for, ids outside the vocabulary, and more rows than the context", () => {
    const s = session({ causal: false, bidirectional: false });
    expect(() => s.forward({ tokens: [1], attend: "causal", keep: 0 })).toThrow(/causally/);
    expect(() => s.forward({ tokens: [1], attend: "full", keep: 0 })).toThrow(/both directions/);
    expect(() => s.forward({ tokens: [1], attend: { block: 3 }, keep: 0 })).toThrow(/blocks of 3/);
    expect(() => s.forward({ tokens: [11], attend: { block: 4 }, keep: 0 })).toThrow(/token id 11/);
    const tokens = new Array<number>(33).fill(1);
    expect(() => s.forward({ tokens, attend: { block: 4 }, keep: 0 })).toThrow(/don't fit/);
  });
});

describe("the mock's verdict", () => {
  it("accepts a draft iff it is what the row before it draws, and keeps exactly that path", async () => {
    const sampler = { ...GREEDY, temperature: 1, seed: 3 };
    const chain: number[] = [];
    for (let i = 0; i < 3; i++) {
      const rows = session().forward({ tokens: [5, ...chain], attend: "causal", rows: "last", keep: 0 });
      chain.push((await rows.ask(sample(sampler)).read())[0].token);
    }
    const wrong = (chain[1] + 1) % 11;
    const s = session();
    const tokens = [5, wrong, chain[0], chain[1], wrong];
    const parents = [-1, 0, 0, 2, 2];
    const verdict = s.forward({ tokens, attend: { parents }, keep: 1 }).ask(verify(sampler));
    s.keep(verdict);
    const { accepted, emitted, path } = await verdict.read();
    expect(path).toEqual([0, 2, 3]);
    expect([accepted, emitted.map(({ token }) => token)]).toEqual([2, chain]);
    expect(await lastLogits(s, [chain[2]], "causal")).toEqual(await lastLogits(session(), [5, ...chain], "causal"));
    expect(s.match([5, chain[0], chain[1]])).toBe(3);
  });

  it("of a rule gives each token its logarithm in the law behind the tokens before it", async () => {
    const sampler = { ...GREEDY, temperature: 1, seed: 3 };
    const s = session();
    // Whatever has a probability is typical: all drafts are kept.
    const judging = { rule: "typical", laws: s.beside(lawsFor(2)), threshold: 0, alpha: 0 } as const;
    const rows = s.forward({ tokens: [5, 8, 1], attend: "causal", keep: 1 });
    const { accepted, emitted } = await rows.ask(judge(sampler, judging)).read();
    expect([accepted, emitted.length]).toEqual([2, 3]);
    const text = [5, ...emitted.map(({ token }) => token)];
    for (const [i, { logprob }] of emitted.entries()) {
      const logits = await lastLogits(session(), text.slice(0, i + 1), "causal");
      const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
      expect(logprob).toBeCloseTo(logits[text[i + 1]] - Math.log(total), 5);
    }
  });
});

describe("mixedLaw", () => {
  it("is the one law with no share of the other, and the other with all", async () => {
    const [a, b] = [hashedLaw(1, 11), hashedLaw(2, 11)];
    const logits = (law: typeof a) =>
      lastLogits(mockModel({ law, capabilities: { vocabSize: 11 } }).session(), TOKENS, "causal");
    expect(await logits(mixedLaw(a, b, 0))).toEqual(await logits(a));
    expect(await logits(mixedLaw(a, b, 1))).toEqual(await logits(b));
    expect(await logits(a)).not.toEqual(await logits(b));
  });
});
