import type { Capabilities } from "../../seam/capabilities.js";
import type { Canvas } from "../../vocabulary/canvas.js";
import { InvalidOptionError } from "../../vocabulary/errors.js";
import { changesNothing } from "../inert-options.js";
import { COMMIT_OPTIONS, isOneStep, masksOf, resolveCommit } from "../masks/commit/index.js";
import { classifier } from "../masks/corrections/classifier.js";
import { checkCorrections, correctionOptions } from "../masks/corrections/correction.js";
import { energy } from "../masks/corrections/energy.js";
import { guidance } from "../masks/corrections/guidance.js";
import { joint } from "../masks/corrections/joint-sampling.js";
import { COMMON_OPTIONS, INFILL_OPTION, numberOption, type OptionTable, type OptionValues } from "../options.js";

/** Rows that one selection measures at most. */
const MAX_BLOCK = 64;

/** What may change the law of a canvas's masks. */
export const CORRECTIONS = [energy, guidance, classifier, joint];

/** The options of masked diffusion. */
export const MASKED_DIFFUSION_OPTIONS = {
  ...COMMON_OPTIONS,
  block_length: {
    type: "integer",
    label: "Block length",
    doc: "Masks that are filled before the next ones are looked at; all tokens are read in any case",
    default: 32,
    min: 1,
    max: MAX_BLOCK,
  },
  cache: {
    type: "enum",
    label: "Cache",
    group: "Cache",
    doc: "What isn't computed anew between refreshes, approximate all: prefix: what stands before the block; dual: and behind it; delayed: all but masks and what was just committed. A run that is interrupted refreshes",
    values: ["none", "prefix", "dual", "delayed"],
    default: "none",
  },
  refresh_interval: {
    type: "integer",
    label: "Refresh every",
    group: "Cache",
    doc: "Steps from one forward of the whole canvas to the next, 2 or more; unless given: as a block begins, delayed every 8",
    default: null,
    min: 1,
    when: { cache: ["prefix", "dual", "delayed"] },
  },
  ...COMMIT_OPTIONS,
  ...correctionOptions(CORRECTIONS),
  ...INFILL_OPTION,
} as const satisfies OptionTable;

/** Checks the options together, and fills in what depends on the canvas. */
export function resolveMasked(options: OptionValues, capabilities: Capabilities, canvas?: Canvas): OptionValues {
  if (options.cache === "none" && options.refresh_interval !== null) {
    throw new InvalidOptionError("refresh_interval is an option of a cache: choose cache prefix, dual or delayed.");
  }
  if (options.refresh_interval === 1) {
    const why = "beside refresh_interval 1, by which every step reads the whole canvas anew";
    throw changesNothing(`cache ${String(options.cache)}`, why, "leave both out, or give 2 or more");
  }
  const cache = options.cache === "none" ? null : `cache ${String(options.cache)}`;
  checkCorrections(CORRECTIONS, options, capabilities, { cache });
  const numMasks = masksOf(options, canvas);
  const length = numberOption(options, "block_length");
  const numBlocks = options.infill === true ? null : Math.ceil(numMasks / length);
  const single = length === 1 ? "block_length 1" : null;
  const shape = { numMasks, most: length, numBlocks, single };
  const resolved = resolveCommit(options, shape);
  if ((options.cache === "prefix" || options.cache === "dual") && isOneStep(resolved, shape)) {
    const why = "where each block is written in one step, whose first forward reads the whole canvas";
    throw changesNothing(`cache ${options.cache}`, why);
  }
  return resolved;
}
