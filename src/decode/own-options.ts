import { InvalidOptionError } from "../vocabulary/errors.js";
import type { OptionTable, OptionValue, OptionValues } from "./options.js";

/** A value of an option that is a choice, with the options that only it takes. */
export interface Choice {
  name: string;
  options: OptionTable;
}

/**
 * The choices' own options for the decoder's table, unset, so what was given can be told from a choice's default.
 * `meant`: the choices that may be meant where `option` is left out.
 */
export function ownOptions(option: string, choices: readonly Choice[], meant: readonly Choice[] = []): OptionTable {
  const table = new Map<string, OptionTable[string]>();
  for (const choice of choices) {
    for (const [name, own] of Object.entries(choice.options)) {
      const takenBy = takersOf(name, choices);
      table.set(name, {
        ...own,
        doc: `${own.doc} (${option} ${takenBy.join(", ")})`,
        default: null,
        when: { [option]: meant.some(({ options }) => Object.hasOwn(options, name)) ? [...takenBy, "null"] : takenBy },
      } as typeof own);
    }
  }
  return Object.fromEntries(table);
}

/** The options with the chosen one's own defaults. Throws `InvalidOptionError` for one that only other choices take. */
export function resolveOwn(
  option: string,
  chosen: Choice,
  choices: readonly Choice[],
  options: OptionValues,
): Record<string, OptionValue> {
  const resolved: Record<string, OptionValue> = { ...options };
  for (const name of choices.flatMap(({ options: own }) => Object.keys(own))) {
    const own = Object.hasOwn(chosen.options, name);
    if (own) resolved[name] ??= chosen.options[name].default;
    else if (options[name] !== null) {
      const takers = takersOf(name, choices).join(" or ");
      throw new InvalidOptionError(
        `${name} is an option of the ${option} ${takers}, not of ${chosen.name}: leave it out or choose that ${option}.`,
      );
    }
  }
  return resolved;
}

function takersOf(name: string, choices: readonly Choice[]): string[] {
  return choices.filter(({ options }) => Object.hasOwn(options, name)).map((choice) => choice.name);
}
