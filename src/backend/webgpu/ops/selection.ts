/** Words a row of a select record: (token, log-probability) of all rows first, then (entropy, log-sum-exp) of all. */
export const SELECT_WORDS = 4;
/** Words a row behind those of a measured selection: likeliest token, its log-probability, the second's, a divergence. */
export const MEASURED_WORDS = 4;
/** Words a row of its first part, which is what a decoder reads back. */
export const SELECTED_WORDS = 2;

/** One selection: which rows, how, and where its result goes. Mirrors `Step` in `select_step.wgsl`. */
export interface Selection {
  numRows: number;
  /** Word in the inputs ring where the list of forward rows starts. */
  rowsList: number;
  /** Word in the results ring. */
  result: number;
  fillsNext: boolean;
  draw: number;
  /** What the noise is for; but for tokens it is the round's own, whose first draft has `depth` drafts before this one. */
  purpose: number;
  depth: number;
  seed: number;
  temperature: number;
  penalty: number;
  topK: number;
  topP: number;
  minP: number;
  /** Left out of a row's history; -1 for none. */
  maskToken: number;
  /** Most keys that a row can see. */
  maxKeys: number;
}
