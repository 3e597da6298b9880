import { InvalidOptionError } from "../../../vocabulary/errors.js";
import { invalidValue, numberOption, type OptionTable, type OptionValues } from "../../options.js";
import type { BlockState } from "./rule.js";

/** Options of rules that spread a block's masks over a number of steps. */
export const STEP_OPTIONS = {
  steps: {
    type: "integer",
    label: "Steps in all",
    doc: "Denoise steps in all, spread evenly over the blocks",
    default: null,
    min: 1,
  },
  denoising_steps: {
    type: "integer",
    label: "Steps per block",
    doc: "Denoise steps for each block; as many as it has masks unless steps are given",
    default: null,
    min: 1,
  },
  schedule: {
    type: "enum",
    label: "Masks a step",
    doc: "linear: as many in each step; cosine: few at first, many at last",
    values: ["linear", "cosine"],
    default: "linear",
  },
} as const satisfies OptionTable;

/** Refuses both ways to say how many steps there are at once, and a schedule of a single step. */
export function checkSteps({ steps, denoising_steps, schedule }: OptionValues): void {
  if (steps !== null && denoising_steps !== null) {
    throw new InvalidOptionError("steps and denoising_steps contradict each other: give one of them.");
  }
  const given = steps === null ? "denoising_steps" : "steps";
  if ((steps ?? denoising_steps) !== 1 || (schedule ?? "linear") === "linear") return;
  throw new InvalidOptionError(`schedule changes nothing beside ${given} 1: a single step commits all. Leave it out.`);
}

/** Refuses more steps than there are masks, each of which takes one step at most. */
export function checkStepsForMasks({ steps, denoising_steps, block_length }: OptionValues, numMasks: number): void {
  if (steps !== null && Number(steps) > Math.max(1, numMasks)) {
    throw invalidValue("steps", steps, `${numMasks} masks are filled, at least one in each step`);
  }
  const most = Number(block_length ?? Number.POSITIVE_INFINITY);
  if (denoising_steps !== null && Number(denoising_steps) > most) {
    throw invalidValue(
      "denoising_steps",
      denoising_steps,
      `a block has ${most} masks at most, and a step fills one or more`,
    );
  }
}

/** Denoise steps of this block. Throws `InvalidOptionError` when there are fewer in all than blocks. */
export function stepsOf({
  options,
  numMasks,
  numBlocks,
  index,
}: Pick<BlockState, "options" | "numMasks" | "numBlocks" | "index">): number {
  if (options.denoising_steps !== null) return numberOption(options, "denoising_steps");
  if (options.steps === null) return numMasks;
  const steps = numberOption(options, "steps");
  if (steps >= numBlocks) return share(steps, numBlocks, index);
  throw invalidValue("steps", steps, `the text has ${numBlocks} blocks, and each takes at least one step`);
}

/** Share of a block that is committed after a share `done` of its steps, both from 0 to 1. */
export function committedShare(schedule: OptionValues[string], done: number): number {
  return schedule === "cosine" ? 1 - Math.cos((Math.PI / 2) * done) : done;
}

/** Part `index` of `total` spread evenly over `count` parts, the larger parts first. */
export function share(total: number, count: number, index: number): number {
  return Math.floor(total / count) + (index < total % count ? 1 : 0);
}
