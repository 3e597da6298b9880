import { describe, expect, it } from "vitest";
import { hashedModels, type Rehearsed, rehearse } from "../../testing/rehearsal.js";
import type { Edit, GenerationEvent } from "../../vocabulary/events.js";
import { anySubset } from "../any-subset/decoder.js";
import { autoregressive } from "../autoregressive/decoder.js";
import { blockDiffusion } from "../block-diffusion/decoder.js";
import type { Decoder } from "../decoder.js";
import { Canvas } from "../../vocabulary/canvas.js";
import { setBased } from "../set-based/decoder.js";
import { maskedDiffusion } from "../masked-diffusion/decoder.js";
import { speculative } from "../speculative/decoder.js";
import { windowDiffusion } from "../window-diffusion/decoder.js";
import { lawAt } from "./law-at.js";

type Kind = Parameters<typeof hashedModels>[0];

async function record(
  decoder: Decoder,
  models: Rehearsed["models"],
  options: Record<string, unknown>,
  promptIds = [0, 3, 4, 1, 7],
) {
  const common = { max_new_tokens: 7, temperature: 1, seed: 3, ...options };
  const { events } = await rehearse({ decoder, models, promptIds, options: common });
  const [start] = events;
  if (start.type !== "start") throw new Error("no start");
  return { events, run: { decoder, options: start.options as never, sets: [] } };
}

/** Every edit of a step that wrote a token and said how likely it was, and its place. */
function* writes(events: readonly GenerationEvent[]) {
  const before: Edit[] = [];
  for (const event of events) {
    const edits = "edits" in event ? event.edits : [];
    if (event.type === "step") {
      for (const edit of edits) {
        if (edit.op === "delete" || edit.logprob === undefined || edit.state === "draft") continue;
        yield { edit, place: { before: [...before], step: edits, slot: edit.slot } };
      }
    }
    before.push(...edits);
  }
}

const RUNS: [string, Decoder, Kind, Record<string, unknown>, number[]?][] = [
  ["from left to right", autoregressive, "causal", {}],
  ["drafted and verified", speculative, "causal", { drafter: "model" }],
  ["drafted as a tree", speculative, "causal", { drafter: "tree" }],
  ["in blocks", blockDiffusion, "blocks", { threshold: 0.2 }],
  ["in blocks that begin behind the prompt", blockDiffusion, "blocks", { threshold: 0.2, block_align: "prompt_end" }],
  [
    "in blocks of different lengths",
    blockDiffusion,
    "blocks",
    { threshold: 0.2, block_rule: "entropy_run", block_length: 8, block_entropy: 1.9 },
  ],
  ["in holes, in blocks", blockDiffusion, "blocks", { infill: true, threshold: 0.2 }, [0, 3, 12, 12, 5, 12, 6]],
  ["anywhere on the canvas", maskedDiffusion, "full", { threshold: 0.2, block_length: 8 }],
  ["masks last", windowDiffusion, "masks-last", { window_length: 4 }],
  ["behind any subset", anySubset, "subsets", { infill: true }, [0, 12, 12, 12, 5, 12, 6]],
];

const shifted = { inPlace: false };

const SHIFTED: typeof RUNS = [
  ["in blocks, from the row before", blockDiffusion, "blocks", { threshold: 0.2, block_length: 4 }],
  ["anywhere, from the row before", maskedDiffusion, "full", { threshold: 0.2, block_length: 8 }],
];

describe.each([...RUNS, ...SHIFTED])("of a text written %s", (name, decoder, kind, options, promptIds) => {
  it("the law at each place is the one that its token was drawn from", async () => {
    const models = hashedModels(kind, name.includes("row before") ? shifted : {});
    const { events, run } = await record(decoder, models, options, promptIds);
    let numTokens = 0;
    for (const { edit, place } of writes(events)) {
      const { written, top, entropyNats } = await lawAt(models.target, run, place);
      expect(Math.log(written ?? 0)).toBeCloseTo(edit.logprob ?? 0, 5);
      expect(entropyNats).toBeGreaterThan(0);
      expect(top).toHaveLength(5);
      numTokens++;
    }
    expect(numTokens).toBeGreaterThan(2);
  });
});

it("is the whole law's: its entropy and its five likeliest are those of the logits of a forward by itself", async () => {
  const models = hashedModels("causal");
  const { events, run } = await record(autoregressive, models, {});
  const [first] = writes(events);
  const session = models.target.session();
  const logits = [
    ...(await session.forward({ tokens: [0, 3, 4, 1, 7], attend: "causal", rows: "last", keep: 0 }).logits()),
  ];
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
  const law = logits.map((logit, token) => ({ token, probability: Math.exp(logit) / total }));
  const expected = law.toSorted((a, b) => b.probability - a.probability).slice(0, 5);
  const { top, entropyNats } = await lawAt(models.target, run, first.place);
  expect(top.map(({ token }) => token)).toEqual(expected.map(({ token }) => token));
  for (const [i, { probability }] of top.entries()) expect(probability).toBeCloseTo(expected[i].probability, 6);
  expect(entropyNats).toBeCloseTo(
    law.reduce((sum, { probability: p }) => sum - p * Math.log(p), 0),
    6,
  );
});

it("of a mask is what the model says of it as the text stands, never that it is a mask", async () => {
  const models = hashedModels("full");
  const { events, run } = await record(maskedDiffusion, models, { commit_rule: "quota", steps: 7, block_length: 8 });
  const [start, step] = events;
  const before = [start, step].flatMap((event) => ("edits" in event ? event.edits : []));
  const canvas = Canvas.replay(before);
  const mask = canvas.slots().find(({ state }) => state === "mask");
  const { top, written } = await lawAt(models.target, run, { before, step: [], slot: mask?.id ?? -1 }, 20);
  expect(written).toBeNull();
  expect(top.map(({ token }) => token).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, id) => id));
  expect(top.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9);
});

it("reads a prompt's sets as sets, in which order makes no difference", async () => {
  const models = hashedModels("causal");
  const { run } = await record(autoregressive, models, {});
  const insert = (slot: number, token: number): Edit => ({
    op: "insert",
    slot,
    after: slot > 0 ? slot - 1 : null,
    token,
    state: "prompt",
  });
  const lawOf = (ids: readonly number[], sets = [{ start: 1, lengths: [2, 2] }]) => {
    const step: Edit[] = [{ op: "insert", slot: 9, after: ids.length - 1, token: 1, state: "committed" }];
    const before = ids.map((token, slot) => insert(slot, token));
    return lawAt(models.target, { ...run, decoder: setBased, sets }, { before, step, slot: 9 });
  };
  const [one, other, plain] = [
    await lawOf([0, 3, 4, 5, 6, 2]),
    await lawOf([0, 5, 6, 3, 4, 2]),
    await lawOf([0, 3, 4, 5, 6, 2], []),
  ];
  expect(other).toEqual(one);
  expect(plain).not.toEqual(one);
});
