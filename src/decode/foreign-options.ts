import { InvalidOptionError } from "../vocabulary/errors.js";
import type { Decoder } from "./decoder.js";
import { optionNames } from "./option-names.js";
import { snakeCase } from "./parse-options.js";

/** Refuses options that another decoder has and this one hasn't, with the names of those that have them. */
export function refuseForeign(decoder: Decoder, raw: Readonly<Record<string, unknown>>): void {
  for (const [written, value] of Object.entries(raw)) {
    const name = snakeCase(written);
    if (value === undefined || Object.hasOwn(decoder.options, name)) continue;
    const takers = Object.keys(optionNames).filter((taker) => optionNames[taker].includes(name));
    if (takers.length === 0) continue;
    throw new InvalidOptionError(
      `${name} is an option of ${takers.join(", ")}, not of ${decoder.name}: leave it out, or choose decoder ${takers.join(" or ")}.`,
      "unknown_option",
    );
  }
}
