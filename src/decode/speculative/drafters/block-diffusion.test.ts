import { describe, expect, it } from "vitest";
import { hashedModels, rehearse, stepsOf } from "../../../testing/rehearsal.js";
import { speculative } from "../decoder.js";

const PROMPT = Array.from({ length: 11 }, (_, i) => (i * 5) % 12);
const options = { drafter: "block-diffusion", max_new_tokens: 30, temperature: 0.9, seed: 2 };

describe("a block-diffusion drafter", () => {
  it("shares its drafts among so many forwards, from left to right", async () => {
    for (const [draft_steps, perRound] of [
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
      [6, 6],
    ]) {
      const own = { ...options, num_assistant_tokens: 6, draft_steps, max_new_tokens: 1 };
      const models = hashedModels("block-drafts");
      const { draft, done } = await rehearse({ decoder: speculative, models, promptIds: PROMPT, options: own });
      expect(draft?.counts.forwards).toBe(perRound);
      expect(done.metrics).toMatchObject({ forwards: 1, proposed: 6 });
    }
  });

  it("refuses more forwards than drafts", async () => {
    const models = hashedModels("block-drafts");
    const own = { ...options, num_assistant_tokens: 6, draft_steps: 7 };
    const run = rehearse({ decoder: speculative, models, promptIds: PROMPT, options: own });
    await expect(run).rejects.toThrow(/draft_steps 7 share num_assistant_tokens 6/);
  });

  it("reads each whole block once, and the open one with its masks in each forward", async () => {
    const models = hashedModels("block-drafts");
    const own = { ...options, num_assistant_tokens: 4 };
    const { draft, events } = await rehearse({ decoder: speculative, models, promptIds: PROMPT, options: own });
    let [length, stored, rows] = [PROMPT.length, 0, 0];
    for (const { edits } of stepsOf(events)) {
      rows += Math.ceil((length + 4) / 8) * 8 - stored;
      stored = Math.floor(length / 8) * 8;
      for (const edit of edits) if (edit.op !== "delete" && edit.state === "committed") length++;
    }
    expect(draft?.counts.rows).toBe(rows);
    expect(stored).toBeGreaterThan(PROMPT.length);
  });

  it("stores a long prompt in pieces", async () => {
    const long = Array.from({ length: 700 }, (_, i) => (i * 7) % 12);
    const models = hashedModels("block-drafts", { maxLength: 800 });
    const own = { ...options, max_new_tokens: 3, num_assistant_tokens: 2 };
    const { draft, done } = await rehearse({ decoder: speculative, models, promptIds: long, options: own });
    expect(done.ids).toHaveLength(3);
    expect(draft?.counts.forwards).toBe(done.metrics.steps + 2);
  });

  it("drafts less where the draft model's last whole block ends, then nothing, and the text goes on", async () => {
    const models = hashedModels("block-drafts", { maxLength: 29 });
    const own = { ...options, max_new_tokens: 99, num_assistant_tokens: 5 };
    const { canvas, done } = await rehearse({ decoder: speculative, models, promptIds: PROMPT, options: own });
    expect([canvas.length, done.reason]).toEqual([29, "length"]);
    expect(done.metrics.proposed).toBeGreaterThan(0);
  });
});
