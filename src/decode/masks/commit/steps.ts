import { counted } from "../../../vocabulary/counted.js";
import { InvalidOptionError } from "../../../vocabulary/errors.js";
import { invalidValue, numberOption, type OptionTable, type OptionValues } from "../../options.js";
import { changesNothing } from "../../inert-options.js";
import type { BlockShape, BlockState } from "./rule.js";

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

/** What a schedule makes of so many masks in so many steps, step by step. */
type Openings = (numMasks: number, numSteps: number, schedule: OptionValues[string]) => readonly unknown[];

/** Refuses both ways to say how many steps there are at once, and a schedule by which `openings` are what they are anyway. */
export function checkSteps(options: OptionValues, shape: BlockShape, openings: Openings = sharesAfter): void {
  const { steps, denoising_steps, schedule } = options;
  if (steps !== null && denoising_steps !== null) {
    throw new InvalidOptionError("steps and denoising_steps contradict each other: give one of them.");
  }
  if ((schedule ?? "linear") === "linear") return;
  const isSame = stepCounts(options, shape).every(([numMasks, numSteps]) =>
    openings(numMasks, numSteps, schedule).every((opened, i) => opened === openings(numMasks, numSteps, "linear")[i]),
  );
  if (!isSame) return;
  const given = steps === null ? "denoising_steps" : "steps";
  if (isOneStep(options, shape)) {
    throw changesNothing("schedule", `beside ${given} ${String(options[given])}, since a single step commits all`);
  }
  const so = `${shape.most} ${shape.most === 1 ? "mask" : "masks"} at most`;
  throw changesNothing(
    `schedule ${String(schedule)}`,
    `in blocks of ${so}, of which linear commits as many in each step`,
  );
}

/** How many masks a block may have, each with how many steps it may be written in. */
export function stepCounts(
  { steps, denoising_steps }: OptionValues,
  { most, numBlocks }: BlockShape,
): (readonly [numMasks: number, numSteps: number])[] {
  const countsFor = (numMasks: number): number[] => {
    if (denoising_steps !== null) return [Number(denoising_steps)];
    if (steps === null) return [numMasks];
    const least = numBlocks === null ? 1 : Math.max(1, Math.floor(Number(steps) / numBlocks));
    const largest = numBlocks === null ? Number(steps) : Math.max(1, Math.ceil(Number(steps) / numBlocks));
    return least === largest ? [least] : [least, largest];
  };
  return Array.from({ length: most }, (_, i) => i + 1).flatMap((numMasks) =>
    countsFor(numMasks).map((numSteps) => [numMasks, numSteps] as const),
  );
}

/** Whether a rule that counts steps writes each block in a single one. */
export function isOneStep(options: OptionValues, shape: BlockShape): boolean {
  return stepCounts(options, shape).every(([, numSteps]) => numSteps === 1);
}

/** The share that is committed behind each step. */
function sharesAfter(_: number, numSteps: number, schedule: OptionValues[string]): number[] {
  return Array.from({ length: numSteps }, (_step, i) => committedShare(schedule, (i + 1) / numSteps));
}

/** Masks of a block that are still masked behind a share `done` of its steps. */
export function maskedBehind(numMasks: number, schedule: OptionValues[string], done: number): number {
  // A share such as 1 - 5/6 isn't exactly a sixth.
  return Math.floor(numMasks * (1 - committedShare(schedule, Math.min(1, done))) + 1e-9);
}

/** `maskedBehind` each step. */
export function maskedAfter(numMasks: number, numSteps: number, schedule: OptionValues[string]): number[] {
  return Array.from({ length: numSteps }, (_, i) => maskedBehind(numMasks, schedule, (i + 1) / numSteps));
}

/** Refuses more steps than there are masks, each of which takes one step at most. */
export function checkStepsForMasks({ steps, denoising_steps, block_length }: OptionValues, numMasks: number): void {
  if (steps !== null && Number(steps) > Math.max(1, numMasks)) {
    throw invalidValue("steps", steps, `${counted(numMasks, "mask")} to fill, at least one in each step`);
  }
  const most = Number(block_length ?? Number.POSITIVE_INFINITY);
  if (denoising_steps !== null && Number(denoising_steps) > most) {
    throw invalidValue(
      "denoising_steps",
      denoising_steps,
      `a block has ${counted(most, "mask")} at most, and a step fills one or more`,
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
  throw invalidValue("steps", steps, `the text has ${counted(numBlocks, "block")}, and each takes at least one step`);
}

/** Refuses fewer steps in all than there are blocks to come. */
export function checkStepsForBlocks(
  options: OptionValues,
  blocks: readonly Omit<BlockState, "options" | "seed">[],
): void {
  if (typeof options.steps !== "number") return;
  for (const block of blocks) stepsOf({ ...block, options });
}

/** Share of a block that is committed after a share `done` of its steps, both from 0 to 1. */
export function committedShare(schedule: OptionValues[string], done: number): number {
  return schedule === "cosine" ? 1 - Math.cos((Math.PI / 2) * done) : done;
}

/** Part `index` of `total` spread evenly over `count` parts, the larger parts first. */
export function share(total: number, count: number, index: number): number {
  return Math.floor(total / count) + (index < total % count ? 1 : 0);
}
