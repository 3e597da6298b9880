import { closestMatch } from "leven";
import { InvalidOptionError } from "../vocabulary/errors.js";

/** Most letters that a misspelt word of this length may differ by from what was meant. */
function slack(word: string): number {
  return Math.max(1, Math.floor(word.length / 3));
}

/** ` Did you mean "top_k"?` for the name that a misspelt word is closest to; empty where none is close. */
export function didYouMean(written: string, names: readonly string[]): string {
  const meant = closestMatch(written, names, { maxDistance: slack(written) });
  return meant === undefined ? "" : ` Did you mean "${meant}"?`;
}

/** The error for an option that isn't among `names`: with the name that was meant, or all of them where none is close. */
export function unknownOption(written: string, name: string, names: readonly string[]): InvalidOptionError {
  const hint = didYouMean(name, names) || ` Valid options: ${names.join(", ")}.`;
  return new InvalidOptionError(`There is no option ${JSON.stringify(written)} here.${hint}`, "unknown_option");
}
