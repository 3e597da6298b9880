import { describe, expect, it } from "vitest";
import type { TokenId } from "../../../vocabulary/events.js";
import type { Law } from "../../../backend/host/law.js";
import { mockModel } from "../../../backend/host/mock.js";
import { rehearse, stepsOf } from "../../../testing/rehearsal.js";
import { speculative } from "../decoder.js";
import { TEMPLATE } from "./recycling.js";

describe("the template of token recycling", () => {
  it("has 63 different nodes, parents first, ranks below eight, depth six at most", () => {
    const depths: number[] = [];
    for (const { parent, rank } of TEMPLATE) {
      expect(parent).toBeLessThan(depths.length);
      expect(rank).toBeLessThan(8);
      depths.push(parent < 0 ? 1 : depths[parent] + 1);
    }
    expect(TEMPLATE).toHaveLength(63);
    expect(new Set(TEMPLATE.map(({ parent, rank }) => `${parent} ${rank}`)).size).toBe(63);
    expect(Math.max(...depths)).toBe(6);
  });

  it("has a better sibling before each node, so that every beginning of it is a template", () => {
    TEMPLATE.forEach(({ parent, rank }, i) => {
      if (rank === 0) return;
      const better = TEMPLATE.findIndex((other) => other.parent === parent && other.rank === rank - 1);
      expect(better).toBeGreaterThanOrEqual(0);
      expect(better).toBeLessThan(i);
    });
  });
});

describe("token recycling", () => {
  it("drafts the template filled from the likeliest successors in the last verified row of each token", async () => {
    // What is likely depends on the last token and on its place, so that successors differ from row to row.
    const law: Law = {
      key: () => 0,
      logits: ({ token, position }) =>
        Float64Array.from({ length: 12 }, (_, id) => ((id * 5 + token * 3 + (position % 3) * 7) % 12) / 2),
    };
    const top = (token: TokenId, position: number) => {
      const logits = law.logits({ token, position, index: 0, key: 0, mixedKey: 0, saw: [] }, []);
      return [...logits.keys()].sort((a, b) => logits[b] - logits[a] || a - b).slice(0, 8);
    };
    const target = mockModel({ law, capabilities: { vocabSize: 12, maxLength: 80 } });
    const options = { drafter: "recycling", max_new_tokens: 40, temperature: 0.7, num_assistant_tokens: 20 };
    const { events } = await rehearse({ decoder: speculative, models: { target }, promptIds: [3, 1], options });
    const successors = new Map<TokenId, TokenId[]>([[1, top(1, 1)]]);
    const text = [3, 1];
    let numFilled = 0;
    for (const { edits } of stepsOf(events)) {
      const drafts = edits.flatMap((edit) => (edit.op === "insert" && edit.state === "draft" ? [edit] : []));
      const nodes = TEMPLATE.slice(0, drafts.length);
      const last = text[text.length - 1];
      const filled: TokenId[] = [];
      const places: number[] = [];
      for (const { parent, rank } of nodes) {
        const before = parent < 0 ? last : filled[parent];
        const next = successors.get(before)?.[rank];
        // Only where all of a path is known: a path that isn't ends early.
        filled.push(next ?? before);
        places.push(parent < 0 ? text.length : places[parent] + 1);
        if (next !== undefined) numFilled++;
      }
      if (nodes.every(({ parent }, i) => parent < 0 || successors.has(filled[i]))) {
        expect(drafts.map(({ token }) => token)).toEqual(filled);
      }
      [last, ...drafts.map(({ token }) => token ?? 0)].forEach((token, i) => {
        successors.set(token, top(token, i === 0 ? text.length - 1 : places[i - 1]));
      });
      const written = edits.flatMap((edit) =>
        edit.op === "write" || (edit.op === "insert" && edit.state === "committed") ? [edit.token ?? 0] : [],
      );
      text.push(...written);
    }
    expect(numFilled).toBeGreaterThan(100);
  });
});
