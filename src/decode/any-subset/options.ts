import { COMMON_OPTIONS, INFILL_OPTION, type OptionTable } from "../options.js";

/** The options of any-subset decoding (arXiv 2504.20456). */
export const ANY_SUBSET_OPTIONS = {
  ...COMMON_OPTIONS,
  draft_tokens: {
    type: "integer",
    label: "Draft tokens",
    doc: "Masks that are drafted at once; 1 drafts nothing",
    default: 5,
    min: 1,
    max: 32,
  },
  ...INFILL_OPTION,
} as const satisfies OptionTable;
