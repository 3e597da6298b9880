import { InvalidOptionError } from "../../../vocabulary/errors.js";
import type { Fidelity } from "../../../vocabulary/events.js";
import type { Capabilities } from "../../../seam/capabilities.js";
import type { LawRule } from "../../../seam/questions/draft.js";
import type { Claim } from "../../law.js";
import { certaintyOf } from "../../inert-options.js";
import { numberOption, type OptionTable, type OptionValues } from "../../options.js";
import { ownOptions, resolveOwn } from "../../own-options.js";
import { BILD_OPTIONS, checkBild } from "./bild.js";
import type { DraftSource } from "../drafters/source.js";

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
  /** `num_assistant_tokens` beside it when that isn't given; left out: the drafter's. */
  numTokens?: number;
  /** Refuses values that it can't work with, or that would change nothing. */
  check?(options: OptionValues, capabilities: Capabilities): void;
}

const ONE_CHAIN = "compares the laws that the drafts of one chain are drawn from";
const CHAINS = "compares several chains that are drawn independently from one law";

/** Its authors' code has these defaults; `posterior_threshold` counts where the entropy is below log(alpha / threshold). */
const TYPICAL_OPTIONS = {
  posterior_threshold: {
    type: "number",
    label: "Always typical",
    doc: "A draft likelier than this is always kept",
    default: 0.09,
    min: 0,
    max: 1,
  },
  posterior_alpha: {
    type: "number",
    label: "Typical when unsure",
    doc: "A draft is kept that is likelier than this times exp(-entropy)",
    default: 0.3,
    min: 0,
    max: 1,
  },
} as const satisfies OptionTable;

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
    check: checkFirstDrafts,
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
    options: TYPICAL_OPTIONS,
    rule: "typical",
    check: checkTypical,
  },
  {
    name: "bild",
    summary: "greedy: takes back only drafts that the target finds very unlikely; the text is not its own",
    fidelity: "approximate",
    loss: "the draft model's tokens are kept unless it finds them very unlikely",
    takes: ["chain"],
    why: "asks how sure a draft model was of each token",
    options: BILD_OPTIONS,
    rule: "bild",
    // The authors' code.
    numTokens: 10,
    check: checkBild,
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

/** `num_assistant_tokens` where the chosen verifier has a number of its own; null where the drafter's counts. */
export function verifierLength(options: OptionValues): number | null {
  return verifierOf(options).numTokens ?? null;
}

/**
 * The options with the verifier's defaults. Refuses a verifier beside drafts that it can't judge, beside laws that leave it
 * nothing to compare, beside draft lengths that its text would depend on, and options of other verifiers.
 */
export function resolveVerifier(
  options: OptionValues,
  { name: drafter, draws = "nothing" }: DraftSource,
  capabilities: Capabilities,
): Record<string, OptionValues[string]> {
  const verifier = verifierOf(options);
  const { name, rule, takes, why, check } = verifier;
  if (!takes.includes(draws)) {
    const others = VERIFIERS.filter((other) => other.takes.includes(draws)).map((other) => other.name);
    throw new InvalidOptionError(
      `verifier ${name} ${why}, and the drafter ${drafter} doesn't draft so: choose verifier ${others.join(" or ")}, or another drafter.`,
    );
  }
  const resolved = resolveOwn("verifier", verifier, VERIFIERS, options);
  const { num_assistant_tokens_schedule: schedule } = resolved;
  const certain = rule && rule !== "bild" ? certaintyOf(resolved, capabilities.vocabSize) : null;
  if (certain) {
    const instead = draws === "chains" ? "choose drafter model or tree" : "leave verifier out";
    throw new InvalidOptionError(
      `verifier ${name} compares laws, and ${certain} leaves one token to each${draws === "chains" ? ", so that all chains would be the same" : ""}: the text would be that of verifier coupling. Draw from more (temperature 1), or ${instead}.`,
    );
  }
  if (name !== "coupling" && schedule !== "constant") {
    throw new InvalidOptionError(
      `verifier ${name} writes another text for another draft length, so num_assistant_tokens_schedule must be constant beside it, not ${String(schedule)}; verifier coupling takes any.`,
    );
  }
  check?.(resolved, capabilities);
  return resolved;
}

function checkFirstDrafts(options: OptionValues, { vocabSize }: Capabilities): void {
  if (options.first_drafts !== "distinct") return;
  const numChains = numberOption(options, "num_draft_chains");
  if (numChains === 1) {
    throw new InvalidOptionError(
      "first_drafts distinct tells chains apart, and num_draft_chains 1 leaves one: give more chains, or leave first_drafts out.",
    );
  }
  const topK = numberOption(options, "top_k");
  const most = topK === 0 ? vocabSize : Math.min(topK, vocabSize);
  if (numChains <= most) return;
  throw new InvalidOptionError(
    `first_drafts distinct of num_draft_chains ${numChains} needs as many tokens, and ${most === vocabSize ? "the vocabulary" : "top_k"} leaves ${most}: give at most ${most} chains.`,
  );
}

/** A limit that the other one always undercuts would change nothing: exp(-entropy) lies between 1 / vocabulary and 1. */
function checkTypical(options: OptionValues, { vocabSize }: Capabilities): void {
  const { posterior_threshold: own, posterior_alpha: scale } = TYPICAL_OPTIONS;
  const threshold = numberOption(options, "posterior_threshold");
  const alpha = numberOption(options, "posterior_alpha");
  if (threshold !== own.default && threshold >= alpha) {
    throw new InvalidOptionError(
      `posterior_threshold ${threshold} changes nothing beside posterior_alpha ${alpha}: a draft is kept that is likelier than the smaller of it and posterior_alpha times exp(-entropy), which is at most ${alpha}. Give less than ${alpha}, or more posterior_alpha.`,
    );
  }
  if (alpha !== scale.default && alpha >= threshold * vocabSize) {
    throw new InvalidOptionError(
      `posterior_alpha ${alpha} changes nothing beside posterior_threshold ${threshold}: of ${vocabSize} tokens, posterior_alpha times exp(-entropy) is never below ${alpha / vocabSize}. Give less than ${threshold * vocabSize}, or leave it out.`,
    );
  }
}

/** The verifier that checked options name. */
export function verifierOf({ verifier }: OptionValues): Verifier {
  return VERIFIERS.find(({ name }) => name === verifier) ?? VERIFIERS[0];
}
