import { describe, expect, it } from "vitest";
import { blockDiffusion } from "../../decode/block-diffusion/decoder.js";
import { autoregressive } from "../../decode/autoregressive/decoder.js";
import { maskedDiffusion } from "../../decode/masked-diffusion/decoder.js";
import { anySubset } from "../../decode/any-subset/decoder.js";
import { speculative } from "../../decode/speculative/decoder.js";
import { windowDiffusion } from "../../decode/window-diffusion/decoder.js";
import { hashedModels, rehearse } from "../../testing/rehearsal.js";
import { Canvas } from "../../vocabulary/canvas.js";
import type { Edit, GenerationEvent, Piece, StartEvent, StepEvent } from "../../vocabulary/events.js";
import { questionOf } from "./law-question.js";
import { historyOf } from "./token-history.js";

const COUNTS = { rows: 1, draftForwards: 0, waits: 0, dispatches: 0, readbackBytes: 0, elapsedMs: 0, ownMs: 0 };
const start = (edits: Edit[], options: Record<string, unknown> = {}): GenerationEvent =>
  ({ type: "start", seq: 0, decoder: "any", options, edits, pieces: [] }) as unknown as StartEvent;
const step = (edits: Edit[], texts: Record<number, string> = {}, forwards = 1): StepEvent => {
  const pieces: Piece[] = Object.entries(texts).map(([slot, text]) => ({ slot: Number(slot), text }));
  return { type: "step", seq: 0, ...COUNTS, forwards, edits, pieces };
};
const insert = (
  slot: number,
  token: number | null,
  state: "prompt" | "mask" | "draft" | "committed",
  after = slot - 1,
): Edit => ({
  op: "insert",
  slot,
  after: after < 0 ? null : after,
  token,
  state,
});

describe("the history of a place", () => {
  const mask = [
    start([insert(0, 7, "prompt")]),
    step([insert(1, null, "mask")], {}, 2),
    step([{ op: "write", slot: 1, token: 3, state: "tentative", logprob: -1 }], { 1: "cat" }),
    step([{ op: "write", slot: 1, token: 4, state: "tentative", logprob: -0.5 }], { 1: "dog" }),
    step([{ op: "write", slot: 1, token: 4, state: "committed" }]),
  ];
  const [cat, dog] = [
    { token: 3, text: "cat" },
    { token: 4, text: "dog" },
  ];

  it("tells of a mask that was filled, changed and kept, with the steps and forwards that did it", () => {
    expect(historyOf(mask, 1, 4)).toEqual({
      changes: [
        { step: 1, forwards: 2, move: "open", after: null, before: null },
        { step: 2, forwards: 3, move: "unmask", after: cat, before: null },
        { step: 3, forwards: 4, move: "revise", after: dog, before: cat },
      ],
      state: "committed",
      held: dog,
      logprob: -0.5,
      written: { step: 3, forwards: 4, move: "revise", after: dog, before: cat },
      rejected: [],
      drafter: null,
    });
  });

  it("ends with the step that is shown, and is none before the place was there", () => {
    expect(historyOf(mask, 1, 2)).toMatchObject({ state: "tentative", held: cat, logprob: -1 });
    expect(historyOf(mask, 1, 1)).toMatchObject({ state: "mask", held: null, written: null });
    expect(historyOf(mask, 1, 0)).toBeNull();
    expect(historyOf(mask, 0, 0)).toMatchObject({ state: "prompt", written: null, held: { token: 7 } });
  });

  it("names who drafted, and the drafts that stood in its place", () => {
    const drafts = [
      start([insert(0, 7, "prompt")], { drafter: "suffix" }),
      step(
        [
          insert(1, 3, "draft"),
          insert(2, 4, "draft"),
          { op: "write", slot: 1, token: 3, state: "committed", logprob: -2 },
          { op: "delete", slot: 2 },
          insert(3, 5, "committed", 1),
        ],
        { 1: "a", 2: "b", 3: "c" },
      ),
    ];
    expect(historyOf(drafts, 1, 1)).toMatchObject({
      changes: [{ move: "draft" }, { move: "accept" }],
      written: { move: "draft", step: 1 },
      drafter: "suffix",
      logprob: -2,
      rejected: [],
    });
    expect(historyOf(drafts, 2, 1)).toMatchObject({
      changes: [{ move: "draft" }, { move: "reject", before: { token: 4, text: "b" } }],
      state: null,
      held: { token: 4, text: "b" },
    });
    expect(historyOf(drafts, 3, 1)).toMatchObject({ rejected: [{ token: 4, text: "b" }] });
  });
});

const RUNS = [
  ["autoregressive", autoregressive, "causal", {}],
  ["speculative", speculative, "causal", { drafter: "tree" }],
  ["block-diffusion", blockDiffusion, "blocks", { commit_rule: "mask_predict", denoising_steps: 3 }],
  ["masked-diffusion", maskedDiffusion, "full", { threshold: 0.2, block_length: 4 }],
  ["window-diffusion", windowDiffusion, "masks-last", {}],
  ["any-subset", anySubset, "subsets", {}],
] as const;

it.each(RUNS)(
  "of every place of a %s run ends in what the canvas holds, and what to ask of its law is the text before",
  async (_, decoder, kind, options) => {
    const request = { decoder, models: hashedModels(kind), promptIds: [0, 3] };
    const { events } = await rehearse({ ...request, options: { max_new_tokens: 6, temperature: 1, ...options } });
    const steps = events.filter((event) => event.type === "step");
    const edits = events.flatMap((event) => ("edits" in event ? event.edits : []));
    const canvas = Canvas.replay(edits);
    for (const slot of new Set(edits.map((edit) => edit.slot))) {
      const history = historyOf(events, slot, steps.length);
      const cell = canvas.slot(slot);
      expect(history?.state).toBe(cell?.state ?? null);
      if (cell) expect(history?.held?.token ?? null).toBe(cell.token);
      if (!history?.written) continue;
      const question = questionOf(events, slot, steps.length, history);
      expect(question?.step).toBe(steps[history.written.step - 1].edits);
      const before = Canvas.replay(question?.before ?? []);
      expect(before.slot(slot)?.token).not.toBe(history.held?.token);
    }
  },
);
