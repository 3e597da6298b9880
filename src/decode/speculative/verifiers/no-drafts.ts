import { InvalidOptionError } from "../../../vocabulary/errors.js";
import type { OptionValues } from "../../options.js";
import type { DraftSource } from "../drafters/source.js";

/** Refuses what would change nothing since `num_assistant_tokens` is 0; `given`: the options before defaults were filled in. */
export function checkNoDrafts(given: OptionValues, { options: own }: DraftSource): void {
  // The next token alone is a product too.
  if (given.verifier === "product") return;
  const standards: Record<string, unknown> = {
    verifier: "coupling",
    num_assistant_tokens_schedule: "constant",
    ...Object.fromEntries(Object.entries(own).map(([name, option]) => [name, option.default])),
  };
  for (const [name, standard] of Object.entries(standards)) {
    const value = given[name] ?? null;
    if (value === null || value === standard) continue;
    const shown = typeof value === "object" ? "" : ` ${String(value)}`;
    throw new InvalidOptionError(
      `${name}${shown} changes nothing where num_assistant_tokens is 0, which drafts nothing: leave it out, or give 1 or more.`,
    );
  }
}
