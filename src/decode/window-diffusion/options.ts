import type { Capabilities } from "../../seam/capabilities.js";
import type { Canvas } from "../../vocabulary/canvas.js";
import { InvalidOptionError } from "../../vocabulary/errors.js";
import { COMMIT_OPTIONS, masksOf, resolveCommit } from "../masks/commit/index.js";
import { STEPLESS_RULES } from "../masks/commit/stepless.js";
import { wedlm } from "../masks/commit/wedlm.js";
import { classifier } from "../masks/corrections/classifier.js";
import { checkCorrections, correctionOptions } from "../masks/corrections/correction.js";
import { COMMON_OPTIONS, INFILL_OPTION, numberOption, type OptionTable, type OptionValues } from "../options.js";

/** Masks that are looked at together at most. */
const MAX_WINDOW = 64;

/** What may change the law of a mask in a window. */
export const CORRECTIONS = [classifier];

/** The options of window diffusion. */
export const WINDOW_DIFFUSION_OPTIONS = {
  ...COMMON_OPTIONS,
  window_length: {
    type: "integer",
    label: "Window",
    doc: "Masks that are looked at in each step",
    default: 6,
    min: 1,
    max: MAX_WINDOW,
  },
  ...COMMIT_OPTIONS,
  ...correctionOptions(CORRECTIONS),
  ...INFILL_OPTION,
} as const satisfies OptionTable;

/** Checks the options together, and fills in what depends on the canvas. A window's own rule is `wedlm`. */
export function resolveWindow(options: OptionValues, capabilities: Capabilities, canvas?: Canvas): OptionValues {
  checkCorrections(CORRECTIONS, options, capabilities);
  const most = numberOption(options, "window_length");
  const shape = {
    numMasks: masksOf(options, canvas),
    most,
    numBlocks: 1,
    single: most === 1 ? "window_length 1" : null,
  };
  const resolved = resolveCommit({ ...options, commit_rule: options.commit_rule ?? wedlm.name }, shape, wedlm);
  const { commit_rule } = resolved;
  if (!STEPLESS_RULES.includes(String(commit_rule))) {
    throw new InvalidOptionError(
      `A window has no last step, which commit_rule ${String(commit_rule)} counts to: choose ${STEPLESS_RULES.join(" or ")}.`,
    );
  }
  return resolved;
}
