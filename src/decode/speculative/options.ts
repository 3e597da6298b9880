import { COMMON_OPTIONS, type OptionTable } from "../options.js";
import { ownOptions } from "../own-options.js";
import { type DraftSource, MAX_DRAFTS } from "./drafters/source.js";
import { SCHEDULE_OPTIONS } from "./schedules/schedule.js";
import { verifierOptions } from "./verifiers/verifiers.js";

/** The options of speculative decoding with these draft sources; the first is the default. */
export function speculativeOptions(sources: readonly DraftSource[]): OptionTable {
  return {
    ...COMMON_OPTIONS,
    drafter: {
      type: "enum",
      label: "Drafter",
      doc: "Where drafts come from",
      values: sources.map(({ name }) => name),
      default: sources[0].name,
    },
    num_assistant_tokens: {
      type: "integer",
      label: "Draft tokens",
      doc: `Tokens to draft at most for each verification, in each chain; 0 drafts nothing. Unless given: ${describeDefaults(sources)}; verifier bild 10. In brackets: what the methods' authors take, on devices where a forward of many rows costs little more than one of one row; on WebGPU each row costs`,
      default: null,
      min: 0,
      max: MAX_DRAFTS,
    },
    ...SCHEDULE_OPTIONS,
    ...verifierOptions(sources),
    ...ownOptions("drafter", sources),
  };
}

function describeDefaults(sources: readonly DraftSource[]): string {
  const described = sources.map(({ name, numTokens, authorsTokens }) => {
    return `${name} ${numTokens}${authorsTokens === undefined ? "" : ` (${authorsTokens})`}`;
  });
  return described.join(", ");
}
