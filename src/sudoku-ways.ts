/** Cells of a puzzle. */
export const CELLS = 16;

/** One way to solve a puzzle: which model writes, and how. */
export interface Way {
  name: string;
  note: string;
  model: "sudoku-ar" | "sudoku-diffusion";
  /** Heading that it stands under. */
  group: string;
  /** The options for the puzzle with this index. */
  options(index: number): Record<string, unknown>;
}

const ORDERS = "Four orders of writing";
const CACHES = "The whole canvas, and what its caches leave out";
const filling = { decoder: "block-diffusion", infill: true };
const whole = { decoder: "masked-diffusion", infill: true, commit_rule: "quota" };

/** All of them, in the order they are shown. */
export const WAYS: readonly Way[] = [
  {
    name: "Autoregressive",
    note: "left to right, one cell a forward",
    model: "sudoku-ar",
    group: ORDERS,
    options: () => ({ max_new_tokens: CELLS }),
  },
  {
    name: "Diffusion, random order",
    note: "one cell a step",
    model: "sudoku-diffusion",
    group: ORDERS,
    options: (index) => ({ ...filling, commit_rule: "first_hitting", seed: index }),
  },
  {
    name: "Diffusion, the surest cell first",
    note: "one cell a step",
    model: "sudoku-diffusion",
    group: ORDERS,
    options: () => ({ ...filling, commit_rule: "quota" }),
  },
  {
    name: "Diffusion, all sure cells",
    note: "threshold 0.9",
    model: "sudoku-diffusion",
    group: ORDERS,
    options: () => ({ ...filling, commit_rule: "threshold", threshold: 0.9 }),
  },
  {
    name: "Whole canvas, no cache",
    note: "the surest cell first; all 16 are read in each step",
    model: "sudoku-diffusion",
    group: CACHES,
    options: () => ({ ...whole, block_length: CELLS }),
  },
  {
    name: "Whole canvas, prefix cache",
    note: "half by half; what stands before a half is read once",
    model: "sudoku-diffusion",
    group: CACHES,
    options: () => ({ ...whole, block_length: CELLS / 2, cache: "prefix" }),
  },
  {
    name: "Whole canvas, dual cache",
    note: "half by half; so is what stands behind it",
    model: "sudoku-diffusion",
    group: CACHES,
    options: () => ({ ...whole, block_length: CELLS / 2, cache: "dual" }),
  },
  {
    name: "Whole canvas, delayed cache",
    note: "the surest cell first; only open cells and the last one written are read, all 16 every 8 steps",
    model: "sudoku-diffusion",
    group: CACHES,
    options: () => ({ ...whole, block_length: CELLS, cache: "delayed" }),
  },
];

/** A puzzle as its way's model reads it: 16 characters, `.` for blanks. */
export function promptOf({ model }: Way, cells: string): string {
  return model === "sudoku-ar" ? `${cells}=` : cells.replaceAll(".", "<mask>");
}
