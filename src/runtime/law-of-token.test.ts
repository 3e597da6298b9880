import { expect, it } from "vitest";
import { hashedModels } from "../testing/rehearsal.js";
import type { Edit } from "../vocabulary/events.js";
import type { InTurn } from "./in-turn.js";
import type { LawQuestion } from "./job.js";
import { lawOfToken } from "./law-of-token.js";

const TOKENIZER = {
  bytes: (id: number) => Uint8Array.of(id === 2 ? 0xc3 : 97 + id),
  isSpecial: (id: number) => id === 1,
  decode: ([id]: number[]) => `<${id}>`,
};

const insert = (slot: number, state: "prompt" | "committed"): Edit => ({
  op: "insert",
  slot,
  after: slot > 0 ? slot - 1 : null,
  token: slot,
  state,
});
const QUESTION: LawQuestion = {
  decoder: "autoregressive",
  options: {},
  prompt: "x",
  before: [insert(0, "prompt"), insert(1, "prompt")],
  step: [insert(2, "committed")],
  slot: 2,
};

const log: string[] = [];
const inTurn: InTurn = async (work) => {
  const value = await work(async () => void log.push("breathed"));
  log.push("worked");
  return value;
};
const loaded = { model: hashedModels("causal").target, tokenizer: TOKENIZER };
const devices = {
  use: (_ref: unknown, work: (one: typeof loaded, turn: InTurn) => unknown) => work(loaded, inTurn),
} as never;

it("the law of a token comes in turn with the runs, and has each token as it reads by itself", async () => {
  const { top, written } = await lawOfToken(devices, { url: "a" }, QUESTION, new AbortController().signal);
  expect(log).toEqual(["breathed", "worked"]);
  expect(top).toHaveLength(5);
  const textOf = new Map([
    [1, "<1>"],
    [2, "\ufffd"],
  ]);
  for (const { token, text } of top) expect(text).toBe(textOf.get(token) ?? String.fromCharCode(97 + token));
  expect(written).toBeGreaterThan(0);
});

it("nothing is computed for a place that nobody looks at any more", async () => {
  await expect(lawOfToken(devices, { url: "a" }, QUESTION, AbortSignal.abort("closed"))).rejects.toBe("closed");
});
