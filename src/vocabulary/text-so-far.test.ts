import { expect, it } from "vitest";
import { autoregressive } from "../decode/autoregressive/decoder.js";
import { blockDiffusion } from "../decode/block-diffusion/decoder.js";
import { maskedDiffusion } from "../decode/masked-diffusion/decoder.js";
import { hashedModels, type Rehearsed, rehearse } from "../testing/rehearsal.js";
import { speculative } from "../decode/speculative/decoder.js";
import { windowDiffusion } from "../decode/window-diffusion/decoder.js";
import type { GenerationEvent, SlotId, StepEvent, TokenId } from "./events.js";
import { TextSoFar } from "./text-so-far.js";

/** Tokens that are parts of characters, whole ones and several: bytes by id. Some end one character and begin the next. */
const BYTES = [
  [0xe2],
  [0x82],
  [0xac, 0x41],
  [0x62],
  [0xf0, 0x9f],
  [0x98, 0x80],
  [0xc3],
  [0xa9, 0xe2],
  [],
  [0x20],
  [0x0a],
  [0xff],
  [],
];
const tokenizer = {
  bytes: (id: TokenId) => Uint8Array.from(BYTES[id]),
  isSpecial: (id: TokenId) => BYTES[id].length === 0,
};

/** By a list that is searched anew for each edit, and bytes that are decoded anew each time: nothing of Canvas or Pieces. */
function oracle(events: readonly GenerationEvent[]): string[] {
  const slots: { id: SlotId; token: TokenId | null; state: string }[] = [];
  return events.flatMap((event) => {
    if (event.type === "done" || event.type === "error") return [];
    for (const edit of event.edits) {
      const at = slots.findIndex(({ id }) => id === edit.slot);
      if (edit.op === "insert") {
        const after = slots.findIndex(({ id }) => id === edit.after);
        slots.splice(after + 1, 0, { id: edit.slot, token: edit.token, state: edit.state });
      } else if (edit.op === "delete") slots.splice(at, 1);
      else slots[at] = { id: edit.slot, token: edit.token, state: edit.state };
    }
    const isCertain = ({ state }: (typeof slots)[number]) => state === "prompt" || state === "committed";
    const begin = slots.findIndex(({ state }) => state !== "prompt");
    const open = slots.findIndex((slot) => !isCertain(slot));
    const run = begin < 0 ? [] : slots.slice(begin, open < 0 ? undefined : open);
    const bytes = run.flatMap(({ token }) => BYTES[token ?? 0]);
    // A character that isn't whole yet is no text yet.
    return [new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes), { stream: true })];
  });
}

function texts(events: readonly GenerationEvent[]): string[] {
  const soFar = new TextSoFar();
  return events.flatMap((event) => (event.type === "error" ? [] : [soFar.after(event)]));
}

const RUNS: [string, Omit<Rehearsed, "models">, Parameters<typeof hashedModels>[0]][] = [
  ["autoregressive", { decoder: autoregressive }, "causal"],
  ["speculative", { decoder: speculative, options: { num_assistant_tokens: 4 } }, "causal"],
  ["speculative by a tree", { decoder: speculative, options: { drafter: "tree" } }, "causal"],
  ["block-diffusion", { decoder: blockDiffusion, options: { threshold: 0.3, block_length: 8 } }, "blocks"],
  ["a rule that revises", { decoder: blockDiffusion, options: { commit_rule: "p2", denoising_steps: 5 } }, "blocks"],
  ["masked-diffusion in random order", { decoder: maskedDiffusion, options: { commit_rule: "first_hitting" } }, "full"],
  ["window-diffusion", { decoder: windowDiffusion }, "masks-last"],
];

it.each(RUNS)("the text after every event of %s is what the committed bytes say", async (_, run, kind) => {
  for (let seed = 0; seed < 6; seed++) {
    const options = { max_new_tokens: 24, temperature: 1, seed, ...run.options };
    const models = hashedModels(kind, { eosTokens: seed % 2 ? [10] : [] });
    const { events, done } = await rehearse({ ...run, models, promptIds: [3, 9, 3], options, tokenizer });
    const seen = texts(events);
    const right = oracle(events);
    // The last event but `done` has all of it, also what stays an incomplete character; before, the two agree.
    expect(seen.slice(0, right.length - 1)).toEqual(right.slice(0, -1));
    expect(seen.at(-2)).toBe(done.text);
    expect(seen.at(-1)).toBe(done.text);
  }
});

it.each(RUNS)("the text of %s only grows, and holds back what may become a stop text", async (_, run, kind) => {
  for (let seed = 0; seed < 6; seed++) {
    const options = { max_new_tokens: 24, temperature: 1, seed, ...run.options, stop: ["b\nb", "€Ab"] };
    const { events, done } = await rehearse({ ...run, models: hashedModels(kind), promptIds: [3], options, tokenizer });
    const seen = texts(events);
    seen.forEach((text, i) => {
      expect(done.text.startsWith(text)).toBe(true);
      expect(text.startsWith(seen[i - 1] ?? "")).toBe(true);
    });
    expect(seen.at(-2)).toBe(done.text);
  }
});

it("text between holes comes when all before it is filled", async () => {
  const models = hashedModels("blocks");
  const mask = models.target.capabilities.maskToken ?? 0;
  const options = { infill: true, block_length: 8, commit_rule: "first_hitting", temperature: 1 };
  for (let seed = 0; seed < 4; seed++) {
    const promptIds = [3, mask, 9, mask, 3];
    const run = { decoder: blockDiffusion, models, promptIds, options: { ...options, seed }, tokenizer };
    const { events, done } = await rehearse(run);
    const seen = texts(events);
    expect(seen[0]).toBe("");
    expect(seen.at(-2)).toBe(done.text);
    expect(done.text.endsWith("b")).toBe(true);
    expect(seen.slice(0, -2)).toEqual(oracle(events).slice(0, -1));
  }
});

it("reads each slot of a long text once", () => {
  let numReads = 0;
  class Counted extends TextSoFar {
    // Each slot that is read has its start stored.
    protected readonly counted = Object.assign(Reflect.get(this, "starts") as number[], {
      push: (start: number) => {
        numReads++;
        return Array.prototype.push.call(Reflect.get(this, "starts"), start);
      },
    });
  }
  const soFar = new Counted();
  let text = "";
  for (let slot = 0; slot < 2000; slot++) {
    const edit = { op: "insert", slot, after: slot === 0 ? null : slot - 1, token: 1, state: "committed" } as const;
    const step = { type: "step", seq: slot, edits: [edit], pieces: [{ slot, text: "ab" }] };
    text = soFar.after(step as unknown as StepEvent);
  }
  expect(text).toBe("ab".repeat(2000));
  expect(numReads).toBe(2000);
});
