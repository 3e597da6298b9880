import { describe, expect, it } from "vitest";
import { hashedModels, rehearse, stepsOf } from "../../../testing/rehearsal.js";
import { speculative } from "../decoder.js";
import { templateOf } from "./template.js";

const PROMPT = [0, 3, 4, 1, 2];
const models = hashedModels("causal");
const run = { decoder: speculative, models, promptIds: PROMPT };

describe("a template", () => {
  it("of width 1 is a chain, and of width w has no node with more children", () => {
    expect(templateOf(5, 1)).toEqual([-1, 0, 1, 2, 3].map((parent) => ({ parent, rank: 0 })));
    for (const width of [2, 3, 8]) {
      const nodes = templateOf(40, width);
      const children = [-1, ...nodes.keys()].map((i) => nodes.filter(({ parent }) => parent === i).length);
      expect(Math.max(...children)).toBe(width);
      expect(nodes.every(({ parent }, i) => parent < i)).toBe(true);
    }
  });
});

describe("a tree of the draft model", () => {
  it("costs the draft model a forward a level, and the target one of all nodes", async () => {
    const options = { drafter: "tree", num_assistant_tokens: 7, tree_width: 3, max_new_tokens: 1 };
    const nodes = templateOf(7, 3);
    const depths: number[] = [];
    for (const { parent } of nodes) depths.push(parent < 0 ? 1 : depths[parent] + 1);
    const { target, draft } = await rehearse({ ...run, options });
    expect(draft?.counts.forwards).toBe(Math.max(...depths));
    expect(target.counts).toMatchObject({ forwards: 1, rows: PROMPT.length + 7 });
  });

  it("of width 1 drafts what the chain does", async () => {
    const common = { num_assistant_tokens: 4, max_new_tokens: 30, temperature: 0.8, seed: 5 };
    const drafts = async (drafter: string, own = {}) => {
      const { events } = await rehearse({ ...run, options: { ...common, drafter, ...own }, lookahead: 1 });
      return stepsOf(events).map(({ edits }) =>
        edits.flatMap((edit) => (edit.op === "insert" && edit.state === "draft" ? [edit.token] : [])),
      );
    };
    expect(await drafts("tree", { tree_width: 1 })).toEqual(await drafts("model"));
  });

  it("holds the next token more often the wider it is, at the same depth", async () => {
    const accepted = async (tree_width: number) => {
      let sum = 0;
      for (let seed = 0; seed < 12; seed++) {
        // A chain of two, and beside its first token another one.
        const sizes = { num_assistant_tokens: tree_width + 1, tree_width };
        const options = { drafter: "tree", max_new_tokens: 40, temperature: 1, seed, ...sizes };
        sum += (await rehearse({ ...run, options })).done.metrics.tokensPerForward;
      }
      return sum / 12;
    };
    expect(await accepted(2)).toBeGreaterThan(await accepted(1));
  });

  it("is as wide as was asked for, or the width is refused", async () => {
    const refused = (options: Record<string, unknown>, models = hashedModels("causal")) =>
      rehearse({ ...run, models, options: { drafter: "tree", ...options } });
    await expect(refused({ tree_width: 8 })).rejects.toThrow(/tree_width 8 changes nothing .* at most 5\./);
    await expect(refused({ tree_width: 2, num_assistant_tokens: 2 })).rejects.toThrow(/changes nothing .* at most 1\./);
    const schedule = { num_assistant_tokens_schedule: "heuristic" };
    await expect(refused(schedule)).rejects.toThrow(/heuristic goes by drafts .* drafter tree's/);
    const few = hashedModels("causal", { vocabSize: 5 });
    const wide = { tree_width: 6, num_assistant_tokens: 30 };
    await expect(refused(wide, few)).rejects.toThrow(/tree_width 6 is more than the 5 tokens/);
    expect((await refused({ ...wide, max_new_tokens: 3 })).done.reason).toBe("length");
  });
});
