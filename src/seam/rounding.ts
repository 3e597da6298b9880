/**
 * How a model's matrices may be rounded at load: their storage, and whether the products round the rows that they are multiplied
 * with to 8 bits too, in blocks of 32.
 */
export const ROUNDINGS = {
  q8: { format: "q8", roundsRows: false },
  q4: { format: "q4", roundsRows: false },
  "q8-int8": { format: "q8", roundsRows: true },
  "q4-int8": { format: "q4", roundsRows: true },
} as const;

/** One of them, by its name. */
export type Rounding = keyof typeof ROUNDINGS;
