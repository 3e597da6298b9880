import type { Ask } from "../../../seam/asks.js";
import type { Capabilities } from "../../../seam/capabilities.js";
import { InvalidOptionError } from "../../../vocabulary/errors.js";
import type { Companions } from "../../companion.js";
import { approximately, type Claim } from "../../law.js";
import { grouped, type OptionTable, type OptionValues } from "../../options.js";

/** What changes the law that masks are filled by, or which of its fillings is taken: one row of a decoder's list. */
export interface Correction {
  /** The option that asks for it. */
  readonly option: string;
  readonly group: string;
  readonly options: OptionTable;
  asks(options: OptionValues): boolean;
  /** Options that it doesn't go with. */
  readonly conflicts: readonly string[];
  /** Refuses what among its own options contradicts itself or changes nothing. */
  check?(options: OptionValues, capabilities: Capabilities): void;
  /** What it asks of the target and of who of the target's own stands beside it; left out: nothing. */
  readonly asked?: readonly Ask[];
  /** Who it needs beside the target. */
  readonly beside?: Companions;
  /** The claim of a text that it corrects, in place of the claim without it. */
  claim(options: OptionValues, claim: Claim): Claim;
}

type Corrections = readonly Correction[];

/** The options of all of them. */
export function correctionOptions(corrections: Corrections): OptionTable {
  return Object.assign({}, ...corrections.map(({ group, options }) => grouped(group, options)));
}

/** Refuses corrections that contradict each other or `others`: by option, what a decoder's own options ask for that is a conflict. */
export function checkCorrections(
  corrections: Corrections,
  options: OptionValues,
  capabilities: Capabilities,
  others: Readonly<Record<string, string | null>> = {},
): void {
  for (const correction of corrections) {
    correction.check?.(options, capabilities);
    if (!correction.asks(options)) continue;
    for (const name of correction.conflicts) {
      const isAsked = corrections.some(({ option, asks }) => option === name && asks(options));
      const other = isAsked ? name : others[name];
      if (!other) continue;
      throw new InvalidOptionError(`${correction.option} doesn't go with ${other}: leave one of them out.`);
    }
  }
}

/** The claim with those that are asked for. */
export function correctedClaim(corrections: Corrections, options: OptionValues, claim: Claim): Claim {
  return corrections.reduce(
    (own, correction) => (correction.asks(options) ? correction.claim(options, own) : own),
    claim,
  );
}

/** Whether any is asked for. */
export function isCorrected(corrections: Corrections, options: OptionValues): boolean {
  return corrections.some(({ asks }) => asks(options));
}

/** Who those that are asked for need beside the target. */
export function correctionCompanions(corrections: Corrections, options: OptionValues): Companions {
  return Object.assign({}, ...corrections.map(({ asks, beside }) => (asks(options) ? beside : {})));
}

/** What those that are asked for ask of the target. */
export function correctionAsks(corrections: Corrections, options: OptionValues): readonly Ask[] {
  return corrections.flatMap(({ asks, asked = [] }) => (asks(options) ? asked : []));
}

/** A claim by one more reason why the text is only near the model's law. */
export const because = (why: string) => (_: OptionValues, claim: Claim) => approximately(claim, why);
