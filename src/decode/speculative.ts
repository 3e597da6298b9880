import { InvalidOptionError, invariant } from "../errors.js";
import { type Decoder, defineDecoder } from "./decoder.js";
import { draftSources } from "./draft/index.js";
import { checkSchedule, SCHEDULE_OPTIONS } from "./draft/schedule.js";
import type { DraftSource } from "./draft/source.js";
import { checkVerifier, verifierFidelity, verifierOption } from "./draft/verifiers.js";
import { COMMON_OPTIONS, type OptionTable, type OptionValues } from "./options.js";

/** Rows of one verification: the pending token and its drafts. */
const MAX_VERIFIED_ROWS = 64;

/**
 * A source drafts, the target checks all drafts in one forward. By default a draft is accepted iff it is the token that
 * `autoregressive` would draw there, with the same noise; so the text is the same at any temperature, whatever drafts.
 * The other verifiers keep the target's law, by other draws.
 */
export const speculative: Decoder = speculativeFrom(draftSources);

/** The decoder `speculative` with these draft sources; the first is the default. */
export function speculativeFrom(sources: readonly DraftSource[]): Decoder {
  const sourceOf = ({ drafter }: OptionValues): DraftSource => {
    const source = sources.find(({ name }) => name === drafter);
    invariant(source, `no draft source ${drafter}`);
    return source;
  };
  return defineDecoder({
    name: "speculative",
    label: "Speculative",
    summary: "A cheap source drafts, the target verifies in one forward pass; same text as autoregressive",
    options: {
      ...COMMON_OPTIONS,
      drafter: {
        type: "enum",
        label: "Drafter",
        doc: "Where drafts come from; all but model do without a draft model",
        values: sources.map(({ name }) => name),
        default: sources[0].name,
      },
      num_assistant_tokens: {
        type: "integer",
        label: "Draft tokens",
        doc: `Tokens to draft at most for each verification; 0 drafts nothing. Unless given: ${describeDefaults(sources)}`,
        default: null,
        min: 0,
        max: MAX_VERIFIED_ROWS - 1,
      },
      ...SCHEDULE_OPTIONS,
      ...verifierOption(sources),
      ...ownOptions(sources),
    },
    resolve(options, capabilities) {
      const source = sourceOf(options);
      refuseForeign(options, source, sources);
      const resolved: Record<string, OptionValues[string]> = { ...options };
      resolved.num_assistant_tokens ??= source.numTokens;
      for (const [name, option] of Object.entries(source.options)) resolved[name] ??= option.default;
      source.check?.(resolved, capabilities);
      checkVerifier(resolved, source, sources);
      checkSchedule(resolved, { name: source.name, isChain: source.isChain, isFree: !source.needs.draft });
      return resolved;
    },
    fidelity: verifierFidelity,
    needs: (options) => ({ causal: true, ...sourceOf(options).needs }),
    run: (run) => sourceOf(run.options).rounds(run),
  });
}

/** The sources' options, unset: so what was given can be told from a source's default. */
function ownOptions(sources: readonly DraftSource[]): OptionTable {
  const options = new Map<string, OptionTable[string]>();
  for (const source of sources) {
    for (const [name, option] of Object.entries(source.options)) {
      const takenBy = sources.filter((other) => Object.hasOwn(other.options, name)).map((other) => other.name);
      options.set(name, {
        ...option,
        doc: `${option.doc} (drafter ${takenBy.join(", ")})`,
        default: null,
        when: { drafter: takenBy },
      } as typeof option);
    }
  }
  return Object.fromEntries(options);
}

function refuseForeign(options: OptionValues, source: DraftSource, sources: readonly DraftSource[]): void {
  for (const name of Object.keys(ownOptions(sources))) {
    if (options[name] === null || Object.hasOwn(source.options, name)) continue;
    const takers = sources.filter((other) => Object.hasOwn(other.options, name)).map((other) => other.name);
    throw new InvalidOptionError(
      `${name} is an option of the drafter ${takers.join(" or ")}, not of ${source.name}: leave it out or choose that drafter.`,
    );
  }
}

function describeDefaults(sources: readonly DraftSource[]): string {
  return sources.map(({ name, numTokens }) => `${name} ${numTokens}`).join(", ");
}
