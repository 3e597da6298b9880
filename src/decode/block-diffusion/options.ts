import type { Capabilities } from "../../seam/capabilities.js";
import type { Canvas } from "../../vocabulary/canvas.js";
import { InvalidOptionError } from "../../vocabulary/errors.js";
import { BLOCK_OPTIONS, blockOffset, isAdaptive, resolveBlocks } from "../masks/block-plan.js";
import { COMMIT_OPTIONS, masksOf, resolveCommit } from "../masks/commit/index.js";
import { classifier } from "../masks/corrections/classifier.js";
import { checkCorrections, correctionOptions } from "../masks/corrections/correction.js";
import { energy } from "../masks/corrections/energy.js";
import { guidance } from "../masks/corrections/guidance.js";
import {
  COMMON_OPTIONS,
  grouped,
  INFILL_OPTION,
  invalidValue,
  numberOption,
  type OptionTable,
  type OptionValues,
} from "../options.js";

/** What may change the law of a block's masks. */
export const CORRECTIONS = [energy, guidance, classifier];

/** The options of block diffusion. */
export const BLOCK_DIFFUSION_OPTIONS = {
  ...COMMON_OPTIONS,
  block_length: {
    type: "integer",
    label: "Block length",
    doc: "Tokens denoised together; one of the lengths the model was trained with, by default its own, or for infill one that holds the holes",
    default: null,
    min: 1,
  },
  ...grouped("Block lengths", BLOCK_OPTIONS),
  ...COMMIT_OPTIONS,
  ...correctionOptions(CORRECTIONS),
  ...INFILL_OPTION,
} as const satisfies OptionTable;

/** Checks the options together, and fills in what depends on the model's block lengths and on the canvas. */
export function resolveBlockDiffusion(
  options: OptionValues,
  capabilities: Capabilities,
  canvas?: Canvas,
): OptionValues {
  const { blockLengths } = capabilities;
  const asked = options.block_length === null ? null : numberOption(options, "block_length");
  if (asked !== null && blockLengths.length > 0 && !blockLengths.includes(asked)) {
    throw invalidValue("block_length", asked, `the model was trained with ${blockLengths.join(", ")}`);
  }
  // Of none: that the model reads no blocks is said by what the run needs.
  const own = isAdaptive(options) && blockLengths.length > 0 ? Math.max(...blockLengths) : blockLengths[0];
  const isAround = options.infill === true && canvas && blockLengths.length > 0;
  const around = isAround ? lengthAroundHoles(canvas, asked, blockLengths, options) : null;
  const block_length = around ?? asked ?? own ?? null;
  checkCorrections(CORRECTIONS, options, capabilities);
  const shape = {
    numMasks: masksOf(options, canvas),
    // A model without blocks is refused for that.
    most: Number(block_length ?? Number(options.max_new_tokens)),
    numBlocks:
      isAround || !canvas || !block_length ? null : numBlocksOf(Number(block_length), options, canvas, capabilities),
    single: block_length === 1 ? "block_length 1" : null,
  };
  return resolveBlocks(resolveCommit({ ...options, block_length }, shape), blockLengths);
}

/** How many blocks a text is written in, the one that holds the prompt's end among them. */
function numBlocksOf(
  block_length: number,
  { max_new_tokens, block_align }: OptionValues,
  { promptLength }: Canvas,
  { maxLength }: Capabilities,
): number {
  const offset = blockOffset({ block_align, block_length }, promptLength);
  const end = Math.min(promptLength + Number(max_new_tokens), maxLength);
  return Math.ceil((end - offset) / block_length) - Math.floor((promptLength - offset) / block_length);
}

/**
 * The trained block length that holds a canvas's holes and all that follows them, since a block sees nothing behind its end:
 * the one that is asked for, else the model's own, else the smallest. Throws `InvalidOptionError` where none does.
 */
function lengthAroundHoles(
  canvas: Canvas,
  asked: number | null,
  trained: readonly number[],
  { block_align }: OptionValues,
): number {
  const first = canvas.slots().findIndex(({ state }) => state !== "prompt");
  const last = canvas.length - 1;
  const fits = (block_length: number) => {
    const offset = blockOffset({ block_align, block_length }, canvas.promptLength);
    const blockOf = (position: number) => Math.floor((position - offset) / block_length);
    return blockOf(first) === blockOf(last);
  };
  const fitting = trained.filter(fits);
  const [own] = trained;
  if (asked === null && fitting.length > 0) return fits(own) ? own : Math.min(...fitting);
  if (asked !== null && fits(asked)) return asked;
  const advice = fitting.length > 0 ? `block_length ${fitting.join(" or ")} would do` : "shorten the text";
  throw new InvalidOptionError(
    `The first hole is at position ${first} and the text ends at ${last}, in different blocks of ${asked ?? Math.max(...trained)}, and a block sees nothing behind its end: ${advice}.`,
    "holes_too_far",
  );
}
