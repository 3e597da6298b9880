import { InvalidOptionError } from "../vocabulary/errors.js";

/**
 * How a model's products may be rounded: the storage of its matrices; whether the rows that they are multiplied with are rounded to
 * 8 bits too, in blocks of 32; and whether rows and weights are multiplied as 16-bit floats, four terms at a time.
 */
export const ROUNDINGS = {
  q8: { format: "q8", roundsRows: false, isHalf: false },
  q4: { format: "q4", roundsRows: false, isHalf: false },
  "q8-int8": { format: "q8", roundsRows: true, isHalf: false },
  "q4-int8": { format: "q4", roundsRows: true, isHalf: false },
  f16: { format: null, roundsRows: false, isHalf: true },
} as const;

/** What a rounding rounds; of none, nothing. */
export function roundingOf(rounding: Rounding | null) {
  return rounding ? ROUNDINGS[rounding] : { format: null, roundsRows: false, isHalf: false };
}

/** One of them, by its name. */
export type Rounding = keyof typeof ROUNDINGS;

/** How weights are asked for: `auto` is the most exact of the file's own, q8 and q4 that the device has memory for. */
export type WeightsChoice = Rounding | "auto";

/** The rounding that is asked for by name. */
export function namedRounding(weights: WeightsChoice | undefined): Rounding | undefined {
  return weights === "auto" ? undefined : weights;
}

/** Throws `InvalidOptionError` for a rounding that there isn't. */
export function checkRounding(weights: string | undefined): void {
  if (weights === undefined || weights === "auto" || Object.hasOwn(ROUNDINGS, weights)) return;
  const allowed = [...Object.keys(ROUNDINGS), "auto"].join(" or ");
  throw new InvalidOptionError(`weights must be ${allowed}, or left out for those of the file; got ${weights}`);
}
