import { InvalidOptionError } from "../../errors.js";
import type { Fidelity } from "../../events.js";
import type { LawRule } from "../../model/session.js";
import type { OptionTable, OptionValues } from "../options.js";
import type { DraftSource } from "./source.js";

/** A rule by which `speculative` keeps drafts: one of the values of its option `verifier`. */
interface Verifier {
  name: string;
  summary: string;
  fidelity: Fidelity;
  /** The session's rule, for those that compare the laws that drafts were drawn from; none for shared noise. */
  rule?: LawRule;
}

/** All of them; the first is the default. */
const VERIFIERS: readonly Verifier[] = [
  { name: "coupling", summary: "keeps what autoregressive would draw with the same noise", fidelity: "identical" },
  {
    name: "rejection",
    summary: "keeps a draft with probability p/q, else draws from the residual",
    fidelity: "distribution",
    rule: "rejection",
  },
  {
    name: "block",
    summary: "keeps the longest beginning that passes a joint test",
    fidelity: "distribution",
    rule: "block",
  },
];

/** The option `verifier`, for these sources. */
export function verifierOption(sources: readonly DraftSource[]): OptionTable {
  return {
    verifier: {
      type: "enum",
      label: "Verifier",
      doc: VERIFIERS.map(({ name, summary }) => `${name}: ${summary}`).join("; "),
      values: VERIFIERS.map(({ name }) => name),
      default: VERIFIERS[0].name,
      when: { drafter: sources.filter(({ hasLaw }) => hasLaw).map(({ name }) => name) },
    },
  };
}

/** How the text of the chosen verifier relates to autoregressive's. */
export function verifierFidelity(options: OptionValues): Fidelity {
  return verifierOf(options).fidelity;
}

/** The session's rule for the chosen verifier; `null` for shared noise. */
export function lawRuleOf(options: OptionValues): LawRule | null {
  return verifierOf(options).rule ?? null;
}

/** Refuses a verifier that compares laws beside drafts without one, or beside draft lengths that its text would depend on. */
export function checkVerifier(options: OptionValues, source: DraftSource, sources: readonly DraftSource[]): void {
  const { name, rule } = verifierOf(options);
  if (!rule) return;
  if (!source.hasLaw) {
    const takers = sources.filter(({ hasLaw }) => hasLaw).map((other) => other.name);
    throw new InvalidOptionError(
      `verifier ${name} compares the laws that drafts are drawn from, and the drafts of ${source.name} are drawn from none: choose verifier coupling, or the drafter ${takers.join(" or ")}.`,
    );
  }
  const { num_assistant_tokens_schedule: schedule } = options;
  if (schedule !== "constant") {
    throw new InvalidOptionError(
      `verifier ${name} writes another text for another draft length, so num_assistant_tokens_schedule must be constant beside it, not ${String(schedule)}; verifier coupling takes any.`,
    );
  }
}

function verifierOf({ verifier }: OptionValues): Verifier {
  return VERIFIERS.find(({ name }) => name === verifier) ?? VERIFIERS[0];
}
