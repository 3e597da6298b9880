import { COMMON_OPTIONS, fixed, type OptionTable } from "../options.js";

/** The options of contrastive search (arXiv 2202.06417), by the names and with the values of transformers and the paper. */
export const CONTRASTIVE_OPTIONS = {
  ...COMMON_OPTIONS,
  temperature: fixed(
    COMMON_OPTIONS.temperature,
    "Always 0: the candidate of the best score is taken, nothing is drawn",
  ),
  repetition_penalty: fixed(COMMON_OPTIONS.repetition_penalty, "Always 1: penalty_alpha is what keeps from repetition"),
  top_k: {
    type: "integer",
    label: "Candidates",
    doc: "The likeliest tokens that are compared in each step, each a row of one forward; 1 is greedy",
    ownMeaning: "“Candidates”: the likeliest tokens that are compared in each step",
    default: 4,
    min: 1,
    max: 64,
  },
  penalty_alpha: {
    type: "number",
    label: "Penalty alpha",
    doc: "How much likeness to what was written counts against probability; 0 is greedy, 1 leaves probability out",
    default: 0.6,
    min: 0,
    max: 1,
  },
} as const satisfies OptionTable;
