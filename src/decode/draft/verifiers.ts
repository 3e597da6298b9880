import { InvalidOptionError } from "../../errors.js";
import type { Fidelity } from "../../events.js";
import type {
  Judging,
  Laws,
  LawRule,
  Pending,
  Rows,
  Sampler,
  Selected,
  Session,
  Verdict,
} from "../../model/session.js";
import type { Claim } from "../law.js";
import { numberOption, type OptionTable, type OptionValues } from "../options.js";
import { ownOptions, resolveOwn } from "../own-options.js";
import type { DraftSource } from "./source.js";

/** A rule by which `speculative` keeps drafts: one of the values of its option `verifier`. */
interface Verifier {
  name: string;
  summary: string;
  fidelity: Fidelity;
  /** Why its text isn't the target's own; of approximate ones alone. */
  loss?: string;
  /** Which drafts it can judge, by what they are drawn from; and why not others. */
  takes: readonly NonNullable<DraftSource["draws"]>[];
  why: string;
  options: OptionTable;
  /** How it judges; none for shared noise. */
  rule?: LawRule | "typical" | "bild";
}

const ONE_CHAIN = "compares the laws that the drafts of one chain are drawn from";
const CHAINS = "compares several chains that are drawn independently from one law";

/** All of them; the first is the default. */
const VERIFIERS: readonly Verifier[] = [
  {
    name: "coupling",
    summary: "keeps what autoregressive would draw with the same noise",
    fidelity: "identical",
    takes: ["nothing", "chain", "filled"],
    why: "compares drafts with what the target draws, and chains are drawn independently of that",
    options: {},
  },
  {
    name: "rejection",
    summary: "keeps a draft with probability p/q, else draws from the residual",
    fidelity: "distribution",
    takes: ["chain"],
    why: ONE_CHAIN,
    options: {},
    rule: "rejection",
  },
  {
    name: "block",
    summary: "keeps the longest beginning that passes a joint test",
    fidelity: "distribution",
    takes: ["chain"],
    why: ONE_CHAIN,
    options: {},
    rule: "block",
  },
  {
    name: "kseq",
    summary: "tries the chains' drafts in turn at one scale, so that each passes equally often",
    fidelity: "distribution",
    takes: ["chains"],
    why: CHAINS,
    options: {},
    rule: "kseq",
  },
  {
    name: "recursive",
    summary: "tries the chains' drafts in turn, each against what the ones before left of the target's law",
    fidelity: "distribution",
    takes: ["chains"],
    why: CHAINS,
    options: {
      first_drafts: {
        type: "enum",
        label: "First drafts",
        doc: "The chains' first drafts: drawn independently; distinct, drawn without replacement",
        values: ["independent", "distinct"],
        default: "independent",
      },
    },
    rule: "recursive",
  },
  {
    name: "product",
    summary:
      "keeps what the product of target and diffusion model would draw with the same noise; the text is neither's own",
    fidelity: "approximate",
    loss: "tokens are drawn from the product of its law and the draft model's",
    takes: ["filled"],
    why: "multiplies the target's law with that of a model that fills in masks, one for each draft",
    options: {
      diffusion_share: {
        type: "number",
        label: "Diffusion's share",
        doc: "r of p_target^(1-r) p_diffusion^r; 0: the target's own text, 1: all drafts are kept",
        default: 0.7,
        min: 0,
        max: 1,
      },
    },
  },
  {
    name: "typical",
    summary: "keeps drafts that the target finds likely enough; the text's law changes",
    fidelity: "approximate",
    loss: "drafts are kept that it finds likely enough",
    takes: ["chain", "chains"],
    why: "keeps drafts that the target would not have written, so they must follow from the text alone, without a memory",
    options: {
      posterior_threshold: {
        type: "number",
        label: "Always typical",
        doc: "A draft this likely is always kept",
        default: 0.3,
        min: 0,
        max: 1,
      },
      posterior_alpha: {
        type: "number",
        label: "Typical when unsure",
        doc: "A draft is kept that is more likely than this times exp(-entropy)",
        default: 0.09,
        min: 0,
        max: 1,
      },
    },
    rule: "typical",
  },
  {
    name: "bild",
    summary: "greedy: takes back only drafts that the target finds very unlikely; the text is not its own",
    fidelity: "approximate",
    loss: "the draft model's tokens are kept unless it finds them very unlikely",
    takes: ["chain"],
    why: "asks how sure a draft model was of each token",
    options: {
      fallback_threshold: {
        type: "number",
        label: "Hand over below",
        doc: "Drafts count up to the first that the draft model gives a smaller probability; above 1 none does",
        default: 0.6,
        min: 0,
        max: 2,
      },
      rollback_threshold: {
        type: "number",
        label: "Take back above",
        doc: "In nats: a draft whose -log p is larger is replaced, unless the target would write it itself",
        default: 5,
        min: 0,
      },
      rollback_rule: {
        type: "enum",
        label: "Rule",
        doc: "corrected; literal, as in the authors' code: behind a very unlikely draft that the target would write, all are kept",
        values: ["corrected", "literal"],
        default: "corrected",
      },
    },
    rule: "bild",
  },
];

/** The option `verifier`, for these sources, and those of single verifiers. */
export function verifierOptions(sources: readonly DraftSource[]): OptionTable {
  return {
    verifier: {
      type: "enum",
      label: "Verifier",
      doc: VERIFIERS.map(({ name, summary }) => `${name}: ${summary}`).join("; "),
      values: VERIFIERS.map(({ name }) => name),
      default: VERIFIERS[0].name,
      when: { drafter: sources.filter(({ draws }) => draws).map(({ name }) => name) },
    },
    ...ownOptions("verifier", VERIFIERS),
  };
}

/** How the text of the chosen verifier relates to autoregressive's. */
export function verifierClaim(options: OptionValues): Claim {
  const { name, fidelity, loss = "" } = verifierOf(options);
  if (name === "product" && options.diffusion_share === 0) return { fidelity: "identical" };
  return fidelity === "approximate" ? { fidelity, why: [loss], draftCounts: true } : { fidelity };
}

/**
 * The options with the verifier's defaults. Refuses a verifier beside drafts that it can't judge, beside draft lengths that
 * its text would depend on, and options of other verifiers.
 */
export function resolveVerifier(
  options: OptionValues,
  { name: drafter, draws = "nothing" }: DraftSource,
): Record<string, OptionValues[string]> {
  const verifier = verifierOf(options);
  const { name, rule, takes, why } = verifier;
  if (!takes.includes(draws)) {
    const others = VERIFIERS.filter((other) => other.takes.includes(draws)).map((other) => other.name);
    throw new InvalidOptionError(
      `verifier ${name} ${why}, and the drafter ${drafter} doesn't draft so: choose verifier ${others.join(" or ")}, or another drafter.`,
    );
  }
  const resolved = resolveOwn("verifier", verifier, VERIFIERS, options);
  const { num_assistant_tokens_schedule: schedule, temperature } = resolved;
  if (name !== "coupling" && schedule !== "constant") {
    throw new InvalidOptionError(
      `verifier ${name} writes another text for another draft length, so num_assistant_tokens_schedule must be constant beside it, not ${String(schedule)}; verifier coupling takes any.`,
    );
  }
  if (rule === "bild" && temperature !== 0) {
    throw new InvalidOptionError(
      `verifier bild is greedy: temperature must be 0 beside it, not ${String(temperature)}; verifier typical takes any.`,
    );
  }
  return resolved;
}

/** The chosen verifier at work on one target. */
export interface Judge {
  /** What drafts are drawn with by `Rows.draft`; `null`: they are drawn as autoregressive draws, or not at all. */
  laws: Laws | null;
  /** Of a forward's rows; `drafts`: a draft model's, one result a draft. */
  verdict(rows: Rows, sampler: Sampler, drafts?: readonly Pending<Selected[]>[]): Pending<Verdict>;
}

/** The verifier that checked options name, for rounds of up to `numDrafts` drafts in `numChains` chains. */
export function judgeOf(options: OptionValues, target: Session, numDrafts: number, numChains = 1): Judge {
  const { rule } = verifierOf(options);
  if (!rule) return { laws: null, verdict: (rows, sampler) => rows.verify(sampler) };
  if (rule === "bild") {
    const fallback = numberOption(options, "fallback_threshold");
    const rollback = numberOption(options, "rollback_threshold");
    const limits = { fallback, rollback, isLiteral: options.rollback_rule === "literal" };
    return {
      laws: null,
      verdict: (rows, sampler, drafts = []) => rows.judge(sampler, { rule, drafts, ...limits }),
    };
  }
  const laws = target.laws(numDrafts, numChains, options.first_drafts === "distinct");
  if (rule !== "typical") return { laws, verdict: (rows, sampler) => rows.judge(sampler, { rule, laws }) };
  const threshold = numberOption(options, "posterior_threshold");
  const judging: Judging = { rule, laws, threshold, alpha: numberOption(options, "posterior_alpha") };
  return { laws: null, verdict: (rows, sampler) => rows.judge(sampler, judging) };
}

function verifierOf({ verifier }: OptionValues): Verifier {
  return VERIFIERS.find(({ name }) => name === verifier) ?? VERIFIERS[0];
}
