import { COMMON_OPTIONS, fixed, type OptionTable } from "../options.js";

/** Longest repetition that counts, in tokens. */
export const MAX_REPETITION = 5;

/** The options of momentum decoding (arXiv 2212.02175). Defaults are the paper's. */
export const MOMENTUM_OPTIONS = {
  ...COMMON_OPTIONS,
  temperature: fixed(
    COMMON_OPTIONS.temperature,
    "Always 0: the candidate of the best score is taken, nothing is drawn",
  ),
  repetition_penalty: fixed(COMMON_OPTIONS.repetition_penalty, "Always 1: resistance is what keeps from repetition"),
  top_k: {
    type: "integer",
    label: "Candidates",
    doc: "The likeliest tokens that are compared in each step; 1 is greedy",
    ownMeaning: "“Candidates”: the likeliest tokens that are compared in each step",
    default: 5,
    min: 1,
    max: 64,
  },
  alpha: {
    type: "number",
    label: "Alpha",
    doc: "How much resistance counts against probability; 0 is greedy",
    default: 0.2,
    min: 0,
  },
  resistance: {
    type: "map",
    label: "Resistance",
    doc: "Against a candidate that would repeat this many tokens in a row, itself included, up to 5 and 5 for more; a length that is left out isn't repeated unless every candidate would",
    keys: "lengths from 1 to 5",
    form: "length:resistance",
    default: { 1: 1, 2: 2, 3: 3, 4: 4, 5: 5 },
  },
} as const satisfies OptionTable;
