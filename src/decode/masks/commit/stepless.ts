/** Commit rules for which a block's length means nothing: they count no steps and take nothing back. */
export const STEPLESS_RULES: readonly string[] = [
  "threshold",
  "factor",
  "entropy_bound",
  "wedlm",
  "hierarchy",
  "first_hitting",
  "left_to_right",
];
