import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import type { AdapterReport } from "./job.js";

/** A loaded model's tokenizer. Throws `InvalidOptionError` where its folder has none. */
export function tokenizerOf({ tokenizer, name }: { tokenizer: Tokenizer | null; name: string }): Tokenizer {
  if (tokenizer) return tokenizer;
  throw new InvalidOptionError(`${name} has no tokenizer.json, so it knows no text.`);
}

/** What is told of a device's adapter. */
export function reportOf({ facts }: { facts: AdapterReport }): AdapterReport {
  const { vendor, architecture, description, isSoftware } = facts;
  return { vendor, architecture, description, isSoftware };
}
