import type { Chosen } from "../vocabulary/chosen.js";
import { asNumber } from "../vocabulary/number-text.js";
import type { Decoder } from "./decoder.js";
import { certaintyOf, changesNothing } from "./inert-options.js";
import { COMMON_OPTIONS, isFixed, type Option, type OptionValues } from "./options.js";
import { namesOf, parseOptions, snakeCase } from "./parse-options.js";

/** What one run takes of options that hold for several, and by name why it does without the others. */
export interface Inheritance {
  taken: Record<string, unknown>;
  leftOut: Record<string, string>;
}

const COMMON: Readonly<Record<string, Option>> = COMMON_OPTIONS;
const FILTERS = ["top_k", "top_p", "min_p"] as const;

/**
 * What a run of this decoder takes of options that hold for several decoders, beside those that are its `own`. Left out is what its
 * decoder fixes, what means something else to it, and a filter that only its own temperature makes void: nothing that would be refused
 * of every run.
 */
export function inherit({ options: table }: Decoder, inherited: Chosen, own: Chosen): Inheritance {
  const names = namesOf(own);
  const taken: Record<string, unknown> = {};
  const leftOut: Record<string, string> = {};
  for (const [written, value] of Object.entries(inherited)) {
    const name = snakeCase(written);
    if (value === undefined || names.has(name)) continue;
    const reason =
      Object.hasOwn(COMMON, name) && Object.hasOwn(table, name) ? otherwise(table[name], name, value) : null;
    if (reason === null) taken[name] = value;
    else leftOut[written] = reason;
  }
  const defaults = Object.fromEntries(Object.entries(table).map(([name, option]) => [name, option.default]));
  if (certainty({ ...defaultsOfAll, ...inherited }) === null) {
    for (const name of FILTERS.filter((one) => one in taken && table[one] === COMMON_OPTIONS[one])) {
      const certain = certainty({ ...defaults, ...taken, ...own, [name]: COMMON_OPTIONS[name].default });
      if (certain === null) continue;
      leftOut[name] = changesNothing(
        name,
        `beside ${certain}, which leaves the likeliest token alone`,
        "it is left out",
      ).message;
      delete taken[name];
    }
  }
  return { taken, leftOut };
}

const defaultsOfAll = Object.fromEntries(Object.entries(COMMON).map(([name, option]) => [name, option.default]));

/** Why a decoder doesn't take the value of a common option that others take; null where it does, or where nobody would. */
function otherwise(option: Option, name: string, value: unknown): string | null {
  if (option.ownMeaning !== undefined) return `${name} is another option here, ${option.ownMeaning}.`;
  if (!isFixed(option)) return null;
  try {
    const { [name]: number } = parseOptions({ [name]: COMMON[name] }, { [name]: value });
    return number === option.default ? null : `${option.doc}.`;
  } catch {
    return null;
  }
}

function certainty(values: Chosen): string | null {
  const numbers = ["temperature", ...FILTERS].map((name) => [name, asNumber(values[name])]);
  return certaintyOf(Object.fromEntries(numbers) as OptionValues);
}
