// Blocks of different lengths: which are chosen, that the law stays, and that nothing but the canvas decides.
import { describe, expect, it } from "vitest";
import { hashedLaw, tabularLaw } from "../../testing/laws.js";
import { mockModel } from "../../backend/host/mock.js";
import { blockDiffusion } from "../block-diffusion/decoder.js";
import { blockPlanOf } from "./block-plan.js";
import { hashedModels, rehearse, stepsOf } from "../../testing/rehearsal.js";
import { distance, enumeratedBySteps, exactLaw, JOINT } from "../../testing/tabular.js";

const TRAINED = [8, 4, 16, 32];
const adaptive = { block_rule: "entropy_run", block_length: 32, min_block_length: 4, block_entropy: 1 };

describe("where blocks stand", () => {
  const plan = blockPlanOf(adaptive, TRAINED, 512);
  /** Entropies of a block's masks, the first `numSure` small. */
  const measured = (numMasks: number, numSure: number) =>
    Array.from({ length: numMasks }, (_, i) => ({ entropy: i < numSure ? 0.9 : 1.1 })) as never;
  const from = (position: number, end: number) => Array.from({ length: end - position }, (_, i) => position + i);

  it.each([
    [0, { start: 0, end: 32 }],
    [6, { start: 4, end: 8 }],
    [8, { start: 8, end: 16 }],
    [21, { start: 20, end: 24 }],
    [48, { start: 48, end: 64 }],
    [508, { start: 508, end: 512 }],
  ])("behind a text of %i tokens the longest that may begin there, as in training", (length, span) => {
    expect(plan.at(length, length)).toEqual(span);
  });

  it("is at the end of the context cut", () => {
    expect(blockPlanOf(adaptive, TRAINED, 510).at(509, 509)).toEqual({ start: 508, end: 510 });
  });

  it.each([
    [0, 32],
    [3, 32],
    [7, 32],
    [8, 32],
    [17, 32],
  ])("is the smallest that holds what is masked, from %i to %i", (first, length) => {
    const { start, end } = plan.at(first, length);
    expect(end).toBe(length);
    expect(start <= first && TRAINED.includes(end - start) && start % (end - start) === 0).toBe(true);
    const smaller = TRAINED.filter((one) => one < end - start && Math.floor(first / one) * one + one >= length);
    expect(smaller).toEqual([]);
  });

  it.each([
    [32, 32],
    [31, 16],
    [16, 16],
    [15, 8],
    [7, 4],
    [0, 4],
  ])("is chosen by how far all is sure: %i of 32 masks, a block of %i", (numSure, length) => {
    const span = plan.at(0, 0);
    expect(plan.choose?.(span, from(0, 32), measured(32, numSure))).toEqual({ start: 0, end: length });
  });

  it("doesn't mind the prompt's part of a block", () => {
    // Two tokens of the prompt, then six masks of which two are sure: they fill four places.
    const span = plan.at(10, 10);
    expect(span).toEqual({ start: 8, end: 16 });
    expect(plan.choose?.(span, from(10, 16), measured(6, 2))).toEqual({ start: 8, end: 12 });
    expect(plan.choose?.(span, from(10, 16), measured(6, 6))).toEqual({ start: 8, end: 16 });
  });
});

describe("blocks while entropies are small", () => {
  const models = hashedModels("blocks");
  const promptIds = [0, 3, 4, 1, 2, 6];
  const write = (options: Record<string, unknown>) => {
    const common = { max_new_tokens: 30, temperature: 0.8, threshold: 0.25, seed: 1 };
    return rehearse({ decoder: blockDiffusion, models, promptIds, options: { ...common, ...options } });
  };
  /** Masks that each step opened. */
  const opened = ({ events }: Awaited<ReturnType<typeof write>>) =>
    stepsOf(events).map(({ edits }) => edits.filter((edit) => edit.op === "insert").length);

  it("are all the shortest under a bound that none meets: the text is that of fixed ones, for a forward more each", async () => {
    const [least, fixed] = [
      await write({ block_rule: "entropy_run", block_entropy: 0 }),
      await write({ block_length: 2 }),
    ];
    expect(least.done.ids).toEqual(fixed.done.ids);
    expect(stepsOf(least.events).map(({ edits }) => edits)).toEqual(stepsOf(fixed.events).map(({ edits }) => edits));
    // Where only the shortest may begin there is nothing to choose.
    const numChoices = opened(fixed).reduce((sum, count) => sum + Math.sign(count), 0);
    const more = least.done.metrics.forwards - fixed.done.metrics.forwards;
    expect(more).toBeGreaterThan(numChoices / 3);
    expect(more).toBeLessThanOrEqual(numChoices);
  });

  it("differ in length between the bounds, and are the longest over one that all meet", async () => {
    const lengths = async (block_entropy: number) => opened(await write({ block_rule: "entropy_run", block_entropy }));
    const long = (await lengths(9)).filter((count) => count > 0);
    // The prompt ends at 6: two masks fill its block, then blocks of eight.
    expect(long).toEqual([2, 8, 8, 8, 8]);
    const some = new Set((await lengths(1.9)).filter((count) => count > 0));
    expect(some.size).toBeGreaterThan(1);
  });

  it("keep the model's law, one token a step", async () => {
    const { numTokens, length } = JOINT;
    const lengths = { blockLengths: [4, 1, 2], vocabSize: numTokens + 1, maxLength: length };
    const masked = { causal: false, inPlace: true, maskToken: numTokens };
    const model = mockModel({ law: tabularLaw(JOINT, numTokens), capabilities: { ...masked, ...lengths } });
    const options = { block_rule: "entropy_run", block_entropy: 1.02, commit_rule: "left_to_right" };
    expect(distance(await enumeratedBySteps(blockDiffusion, model, options), exactLaw())).toBeLessThan(1e-9);
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ block_rule: "policy", denoising_steps: 4, threshold: null }, /policy doesn't go with commit_rule quota/],
    [
      { block_rule: "policy", block_entropy: 1 },
      /block_entropy is an option of the block_rule entropy_run, not of policy/,
    ],
    [{ denoising_steps: 4, threshold: null }, /entropy_run doesn't go with commit_rule quota/],
    [{ commit_rule: "p2", denoising_steps: 4, threshold: null }, /commit_rule p2/],
    [{ min_block_length: 3 }, /min_block_length can't be 3: the model was trained with 4, 2, 8/],
    [{ min_block_length: 8, block_length: 4 }, /min_block_length 8 is longer than block_length 4/],
    [{ block_entropy: -1 }, /block_entropy can't be -1/],
    [
      { block_rule: "fixed", block_entropy: 1 },
      /block_entropy is an option of the block_rule entropy_run, not of fixed/,
    ],
  ])("are refused with %o, by name", async (options, message) => {
    await expect(write({ block_rule: "entropy_run", ...options })).rejects.toThrow(message);
  });
});

it.each(["entropy_run", "policy"])(
  "blocks by %s are refused where the model reads none, since it reads none",
  async (block_rule) => {
    const run = { decoder: blockDiffusion, models: hashedModels("causal"), promptIds: [0], options: { block_rule } };
    await expect(rehearse(run)).rejects.toThrow(/needs a model trained on blocks/);
  },
);

describe("blocks by a policy", () => {
  const shape = { causal: false, inPlace: true, maskToken: 12, vocabSize: 13, maxLength: 64, blockLengths: [4, 2, 8] };
  const promptIds = [0, 3, 4, 1, 2, 6];

  /** A run whose policy's scores these are, of what its state's row saw. */
  async function write(
    policyLengths: readonly number[],
    policy: (seen: readonly { token: number }[]) => readonly number[],
    options: Record<string, unknown> = {},
  ) {
    const capabilities = { ...shape, policyLengths };
    const target = mockModel({ law: hashedLaw(1, 13, 1.5), policy, capabilities });
    const common = { block_rule: "policy", max_new_tokens: 22, temperature: 0.8, threshold: 0.25, seed: 1 };
    return rehearse({ decoder: blockDiffusion, models: { target }, promptIds, options: { ...common, ...options } });
  }
  const opened = ({ events }: Awaited<ReturnType<typeof write>>) =>
    stepsOf(events).flatMap(({ edits }) => {
      const count = edits.filter((edit) => edit.op === "insert").length;
      return count > 0 ? [count] : [];
    });

  it("are the longest that may begin and that it scores highest, by what is stored before them", async () => {
    const read: number[][] = [];
    const run = await write([2, 4, 8], (seen) => {
      read.push(seen.map(({ token }) => token));
      return [1, 3, 2];
    });
    // Behind the prompt a block of two may begin and nothing longer; at 12 one of four; then four again and again.
    expect(opened(run)).toEqual([2, 4, 4, 4, 4, 4]);
    const ids = run.canvas.ids();
    expect(read).toEqual([8, 12, 16, 20, 24].map((start) => ids.slice(0, start)));
    expect(run.events[0]).toMatchObject({ fidelity: "approximate" });
  });

  it("take a forward more each, where there is a choice, and are the shortest where the policy scores none other", async () => {
    const [chosen, fixed] = [
      await write([2], () => [1]),
      await write([2], () => [1], { block_rule: "fixed", block_length: 2 }),
    ];
    expect(chosen.done.ids).toEqual(fixed.done.ids);
    // 8, 12, 16, 20 and 24: a longer one may begin there.
    expect(chosen.done.metrics.forwards - fixed.done.metrics.forwards).toBe(5);
  });

  it("need a model that was loaded with one", async () => {
    await expect(write([], () => [])).rejects.toThrow(/needs a model loaded with a policy for its blocks.*--head/);
  });
});
