import { InvalidOptionError, invariant } from "../errors.js";
import type { Slot } from "../canvas.js";
import type { Sampler, UnmaskPolicy } from "../model/session.js";
import { type Decoder, defineDecoder, type Run } from "./decoder.js";
import { COMMON_OPTIONS, invalidValue, numberOption, type OptionValues } from "./options.js";

/**
 * Fills the masks of one block after the other, several a forward. Blocks are aligned at absolute position 0. A full
 * block is stored by the first forward of the next one; so storing, prefill and denoising are one shape of forward.
 */
export const blockDiffusion: Decoder = defineDecoder({
  name: "block-diffusion",
  label: "Diffusion",
  summary: "Fills the masks of a block together, block after block",
  options: {
    ...COMMON_OPTIONS,
    block_length: {
      type: "integer",
      label: "Block length",
      doc: "Tokens denoised together; one of the lengths the model was trained with, by default its own",
      default: null,
      min: 1,
    },
    steps: {
      type: "integer",
      label: "Steps",
      doc: "Denoise steps in all, spread evenly over the blocks",
      default: null,
      min: 1,
    },
    denoising_steps: {
      type: "integer",
      label: "Steps per block",
      doc: "Denoise steps for each block; one token a step where it exceeds the block length",
      default: null,
      min: 1,
    },
    threshold: {
      type: "number",
      label: "Threshold",
      doc: "Commit every token at least this probable, at least one a step; 0.5 unless steps are given",
      default: null,
      min: 0,
      max: 1,
    },
    order: {
      type: "enum",
      label: "Order",
      doc: "Which masks come first",
      values: ["confidence", "random", "left_to_right"],
      default: "confidence",
    },
  },
  resolve(options, { blockLengths }) {
    const { steps, denoising_steps, threshold } = options;
    const rules = Object.entries({ steps, denoising_steps, threshold }).filter(([, value]) => value !== null);
    if (rules.length > 1) {
      const names = rules.map(([name]) => name).join(" and ");
      throw new InvalidOptionError(`${names} contradict each other: give one of steps, denoising_steps, threshold.`);
    }
    const block_length = options.block_length ?? blockLengths[0] ?? null;
    if (block_length !== null && blockLengths.length > 0 && !blockLengths.includes(Number(block_length))) {
      throw invalidValue("block_length", block_length, `the model was trained with ${blockLengths.join(", ")}`);
    }
    return { ...options, block_length, threshold: rules.length === 0 ? 0.5 : threshold };
  },
  fidelity: ({ order, denoising_steps, block_length }) =>
    order !== "confidence" && Number(denoising_steps) >= Number(block_length) ? "exact" : "approximate",
  needs: ({ block_length }) => ({ block: Number(block_length ?? 0), maskToken: true, inPlace: true }),
  async *run(run) {
    const { canvas, target, capabilities, options } = run;
    const mask = capabilities.maskToken;
    invariant(mask !== null, "block-diffusion runs on a model with a mask token");
    const block = numberOption(options, "block_length");
    const sampler: Sampler = { ...run.sampler, suppress: [...run.sampler.suppress, mask] };
    for (;;) {
      const slots = canvas.slots();
      const firstMask = slots.findIndex(({ state }) => state === "mask");
      const first = firstMask < 0 ? slots.length : firstMask;
      const start = Math.floor(first / block) * block;
      const end = Math.min(start + block, capabilities.maxLength);
      if (first >= end) return;
      if (target.length > start) target.truncate(start);
      const numNew = Math.max(0, end - slots.length);
      const tokens = [...canvas.ids(mask), ...new Array<number>(numNew).fill(mask)].slice(target.length, end);
      const masked = slots.slice(start, end).filter(({ state }) => state === "mask");
      const positions = Array.from({ length: end - start }, (_, i) => start + i).filter(
        (position) => position >= slots.length || slots[position].state === "mask",
      );
      const rows = positions.map((position) => position - target.length);
      const keep = start - target.length;
      const policy = unmaskPolicy(run, slots.slice(start, end), end - start, start);
      const pending = target.forward({ tokens, attend: { block }, rows, keep }).unmask(sampler, policy);
      const { rows: chosen } = await pending.read();
      yield run.now((edit) => {
        const ids = masked.map(({ id }) => id);
        for (let i = 0; i < numNew; i++) ids.push(edit.append(null, "mask"));
        chosen.forEach(({ token, logprob, commit }, i) => {
          if (commit) edit.write(ids[i], token, "committed", logprob);
        });
      });
    }
  },
});

/** How many to commit now, from the canvas alone: a run that starts again here goes on the same way. */
function unmaskPolicy(run: Run, blockSlots: readonly Slot[], blockWidth: number, start: number): UnmaskPolicy {
  const { canvas, options } = run;
  const order = options.order as UnmaskPolicy["order"];
  const isCommitted = ({ state }: Slot) => state === "committed";
  const draw = canvas.slots().filter(isCommitted).length;
  if (options.threshold !== null) return { order, threshold: numberOption(options, "threshold"), draw };
  const numMasks = blockWidth - blockSlots.filter(({ state }) => state === "prompt").length;
  const quota = nextQuota(numMasks, stepsOfBlock(run, options, start), blockSlots.filter(isCommitted).length);
  return { order, quota, draw };
}

function stepsOfBlock(run: Run, options: OptionValues, start: number): number {
  if (options.denoising_steps !== null) return numberOption(options, "denoising_steps");
  const { canvas, capabilities, maxNewTokens } = run;
  const steps = numberOption(options, "steps");
  const block = numberOption(options, "block_length");
  const firstBlock = Math.floor(canvas.promptLength / block);
  const end = Math.min(canvas.promptLength + maxNewTokens, capabilities.maxLength);
  const numBlocks = Math.ceil(end / block) - firstBlock;
  if (steps < numBlocks) {
    throw invalidValue(
      "steps",
      steps,
      `the text has ${numBlocks} blocks of ${block}, and each takes at least one step`,
    );
  }
  return share(steps, numBlocks, start / block - firstBlock);
}

/** Part `index` of `total` spread evenly over `count` parts, the larger parts first. */
function share(total: number, count: number, index: number): number {
  return Math.floor(total / count) + (index < total % count ? 1 : 0);
}

/** Tokens to commit next when `numMasks` are spread evenly over `numSteps` and `numCommitted` are there already. */
export function nextQuota(numMasks: number, numSteps: number, numCommitted: number): number {
  let due = 0;
  for (let step = 0; due <= numCommitted && due < numMasks; step++) due += share(numMasks, numSteps, step);
  return Math.max(1, due - numCommitted);
}
