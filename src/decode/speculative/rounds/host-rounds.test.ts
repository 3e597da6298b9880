import { describe, expect, it } from "vitest";
import type { TokenId } from "../../../vocabulary/events.js";
import { hashedLaw, scriptedLaw } from "../../../testing/laws.js";
import { mockModel } from "../../../backend/host/mock.js";
import { hashedModels, type Rehearsed, rehearse, stepsOf } from "../../../testing/rehearsal.js";
import { speculativeFrom } from "../decoder.js";
import { DraftTree } from "../drafters/draft-tree.js";
import { hostSource, type HostSource } from "./host-rounds.js";
import { chainOf, type Draft, type Drafter, NO_DRAFT } from "../drafters/source.js";

const SCRIPT = Array.from({ length: 60 }, (_, i) => (i * 5) % 23);
const VOCAB = 23;

function decoderOf(drafter: Drafter, more: Partial<HostSource> = {}) {
  const words = { name: "test", label: "test", summary: "test" };
  return speculativeFrom([
    hostSource({ ...words, isChain: true, numTokens: 6, options: {}, open: () => drafter, ...more }),
  ]);
}

/** The script's next tokens, with a wrong sibling before each. */
function forked(ids: readonly TokenId[], limit: number): Draft {
  const tree = new DraftTree(limit);
  let node = -1;
  for (let i = ids.length; tree.tokens.length + 2 <= limit; i++) {
    tree.add(node, (SCRIPT[i] + 1) % VOCAB);
    node = tree.add(node, SCRIPT[i]);
  }
  return tree;
}

const scripted = (capabilities = {}) => ({
  target: mockModel({
    law: scriptedLaw(SCRIPT, VOCAB),
    capabilities: { vocabSize: VOCAB, maxLength: 60, ...capabilities },
  }),
});

describe("a round of drafts from the CPU", () => {
  it("commits the accepted path of a tree, deletes the rest, and names parents that aren't neighbours", async () => {
    const decoder = decoderOf({ draft: forked });
    const options = { max_new_tokens: 5 };
    const { events, canvas } = await rehearse({ decoder, models: scripted(), promptIds: SCRIPT.slice(0, 3), options });
    const [first, second] = stepsOf(events);
    expect(first.edits).toMatchObject([{ op: "insert", token: SCRIPT[3], state: "committed" }]);
    const last = first.edits[0].slot;
    const inserts = second.edits.flatMap((edit) => (edit.op === "insert" && edit.state === "draft" ? [edit] : []));
    const slots = inserts.map(({ slot }) => slot);
    expect(inserts.map(({ parent, after }) => parent ?? after)).toEqual([
      last,
      last,
      slots[1],
      slots[1],
      slots[3],
      slots[3],
    ]);
    expect(inserts.map(({ parent }) => parent !== undefined)).toEqual([false, true, false, true, false, true]);
    const written = second.edits.flatMap((edit) => (edit.op === "write" ? [edit.slot] : []));
    expect(written).toEqual([slots[1], slots[3], slots[5]]);
    const deleted = second.edits.flatMap((edit) => (edit.op === "delete" ? [edit.slot] : []));
    expect(deleted).toEqual([slots[4], slots[2], slots[0]]);
    expect(canvas.ids()).toEqual(SCRIPT.slice(0, 8));
  });

  it("ends at an end token inside the accepted drafts, and what was accepted behind it goes", async () => {
    for (const draft of [
      forked,
      (ids: readonly TokenId[], limit: number) => chainOf(SCRIPT.slice(ids.length, ids.length + limit)),
    ]) {
      for (let at = 2; at < 12; at++) {
        const models = scripted({ eosTokens: [SCRIPT[at]] });
        const { done, canvas } = await rehearse({
          decoder: decoderOf({ draft }),
          models,
          promptIds: SCRIPT.slice(0, 2),
        });
        expect(done).toMatchObject({ reason: "stop", ids: SCRIPT.slice(2, at) });
        expect(canvas.ids()).toEqual(SCRIPT.slice(0, at + 1));
      }
    }
  });

  it("penalises what was drafted before it in the same round", async () => {
    // One law for every place. With penalty 2 its logits 2, 1.5 and 1.2 halve once their token was written, the prompt's 9 included.
    const logits = Float64Array.from({ length: 10 }, (_, id) => [2, 1.5, 1.2][id] ?? 0);
    const law = { key: () => 0, logits: () => logits };
    const models = { target: mockModel({ law, capabilities: { vocabSize: 10 } }) };
    const written = [0, 1, 2, 0, 0, 0, 0];
    for (const [draft, accepted] of [
      [[1, 2, 0, 0], 4],
      [[1, 1, 1, 1], 1],
      [[0, 0, 0, 0], 0],
    ] as const) {
      const decoder = decoderOf({
        draft: (ids, limit) => (ids.length === 2 ? chainOf(draft.slice(0, limit)) : NO_DRAFT),
      });
      const options = { max_new_tokens: 7, repetition_penalty: 2 };
      const { done } = await rehearse({ decoder, models, promptIds: [9], options });
      expect(done.ids).toEqual(written);
      expect(done.metrics).toMatchObject({ proposed: 4, accepted });
    }
  });

  it("cuts the text before a stop text that crosses a border between rounds", async () => {
    for (const num_assistant_tokens of [1, 2, 3, 5]) {
      const chain = (ids: readonly TokenId[], limit: number) => chainOf(SCRIPT.slice(ids.length, ids.length + limit));
      const run = { decoder: decoderOf({ draft: chain }), models: scripted(), promptIds: SCRIPT.slice(0, 2) };
      const whole = await rehearse({ ...run, options: { num_assistant_tokens, max_new_tokens: 20 } });
      for (let from = 0; from < 12; from++) {
        const stop = whole.done.text.slice(from, from + 4);
        const { done } = await rehearse({ ...run, options: { num_assistant_tokens, max_new_tokens: 20, stop } });
        expect(done).toMatchObject({ reason: "stop", text: whole.done.text.slice(0, from) });
        expect(done.ids).toEqual(whole.done.ids.slice(0, from + 4));
      }
    }
  });

  it("is cancelled while its verdict is on the way, and the sessions go on from there", async () => {
    const law = hashedLaw(1, VOCAB);
    const capabilities = { vocabSize: VOCAB, maxLength: 60 };
    const run: Rehearsed = {
      decoder: decoderOf({ draft: (ids, limit) => chainOf(ids.slice(0, limit)) }),
      models: { target: mockModel({ law, capabilities }) },
      promptIds: [1, 2, 3],
      options: { max_new_tokens: 12, temperature: 1 },
    };
    const whole = await rehearse(run);
    for (let cancelAt = 1; cancelAt < 8; cancelAt++) {
      const abort = new AbortController();
      let reads = 0;
      const latency = async () => {
        if (++reads === cancelAt) abort.abort();
      };
      const models = { target: mockModel({ law, capabilities, latency }) };
      const cut = await rehearse({ ...run, models, signal: abort.signal });
      expect(cut.done.reason).toBe("cancelled");
      expect(cut.done.ids).toEqual(whole.done.ids.slice(0, cut.done.ids.length));
      const rest = await rehearse({ ...run, models, canvas: cut.canvas, target: cut.target });
      expect(rest.done.ids).toEqual(whole.done.ids);
    }
  });

  it("asks for no more drafts than fit the context, none with the prompt, and fills it", async () => {
    const { target } = hashedModels("causal", { maxLength: 20 });
    const asked: [number, number][] = [];
    const draft = (ids: readonly TokenId[], limit: number) => {
      asked.push([ids.length, limit]);
      return chainOf(new Array<number>(limit).fill(5));
    };
    const options = { max_new_tokens: 99, num_assistant_tokens: 6 };
    const {
      canvas,
      done,
      target: session,
    } = await rehearse({ decoder: decoderOf({ draft }), models: { target }, promptIds: [1, 2, 3], options });
    expect(canvas.length).toBe(20);
    expect(asked[0][0]).toBe(4);
    for (const [length, limit] of asked) expect(limit).toBe(Math.min(6, 20 - length - 1));
    // Each round feeds the pending token and its drafts, and nothing twice.
    const numDrafts = asked.reduce((sum, [, limit]) => sum + limit, 0);
    expect(session.counts.rows).toBe(3 + (done.metrics.forwards - 1) + numDrafts);
    expect(done.metrics.proposed).toBe(numDrafts);
  });

  it("teaches the likeliest tokens behind every row, accepted or not", async () => {
    const taught: { token: TokenId; top: readonly TokenId[] }[][] = [];
    let drafted: { ids: readonly TokenId[]; draft: Draft } | null = null;
    const drafter: Drafter = {
      draft(ids, limit) {
        drafted = { ids: [...ids], draft: forked(ids, limit) };
        return drafted.draft;
      },
      learn(rows) {
        taught.push([...rows]);
        if (!drafted) return;
        const { ids, draft } = drafted;
        expect(rows.map(({ token }) => token)).toEqual([ids[ids.length - 1], ...draft.tokens]);
        const depths: number[] = [];
        for (const parent of draft.parents) depths.push(parent < 0 ? 1 : depths[parent] + 1);
        // The scripted target wants the token of its position, whatever stands before.
        expect(rows.map(({ top }) => top[0])).toEqual([0, ...depths].map((depth) => SCRIPT[ids.length + depth]));
      },
    };
    const decoder = decoderOf(drafter, { numTaught: 8 });
    await rehearse({ decoder, models: scripted(), promptIds: SCRIPT.slice(0, 3), options: { max_new_tokens: 14 } });
    expect(taught.map((rows) => rows.length)).toEqual([1, 7, 7, 7, 7]);
    for (const row of taught.flat()) expect(new Set(row.top).size).toBe(8);
  });
});
