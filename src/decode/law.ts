import type { Fidelity, Law } from "../vocabulary/events.js";
import type { Capabilities } from "../seam/capabilities.js";
import { CACHE_FORMATS } from "../seam/cache-format.js";
import { ROUNDINGS } from "../seam/rounding.js";
import type { OptionValues } from "./options.js";

/** What a decoder, a commit rule or a verifier says of its text; `lawOf` makes the label of it. */
export type Claim = {
  /** Whose law, where it isn't the target model's as the sampler has it: the models' names are put for TARGET and DRAFT. */
  of?: string;
  /** In which order and how many at once tokens are drawn in that law; left out: from left to right. */
  order?: string;
  /** The draft model's numbers have a part in the text, not only in its speed. */
  draftCounts?: true;
} & ({ fidelity: Exclude<Fidelity, "approximate"> } | { fidelity: "approximate"; why: readonly string[] });

/** The claim with one more reason why the text is only near the law. */
export function approximately(claim: Claim, ...why: readonly string[]): Claim {
  if (why.length === 0) return claim;
  const others = claim.fidelity === "approximate" ? claim.why : [];
  return { ...claim, fidelity: "approximate", why: [...others, ...why] };
}

/** The models of a run, and its checked options. */
export interface LawSources {
  target: Capabilities;
  draft: Capabilities | null;
  options: OptionValues;
}

/** The label of a text: whose law it has, what is rounded or left out there, and why it is only near it. */
export function lawOf(claim: Claim, { target, draft, options }: LawSources): Law {
  const whose = claim.of ?? (isGreedy(options) ? "the greedy text of TARGET" : "TARGET's law");
  const named = whose.replaceAll("TARGET", target.name).replaceAll("DRAFT", draft?.name ?? "the draft model");
  const parts = [`${named}${samplingOf(options)}`, ...(claim.order ? [claim.order] : [])];
  const of = parts.join(", ");
  const counted = claim.draftCounts && draft ? [target, draft] : [target];
  const rounded = counted.flatMap((model) => roundedOf(model, counted.length > 1));
  const left = target.generation?.suppress?.filter((id) => id < target.vocabSize).length ?? 0;
  if (left > 0)
    rounded.push(`${left} ${left === 1 ? "token" : "tokens"} left out that generation_config.json suppresses`);
  if (options.infill === true && target.eosTokens.length > 0) rounded.push("end tokens left out of the holes");
  const why = claim.fidelity === "approximate" ? claim.why.join("; and ") : null;
  return { of, rounded, why, sentence: sentenceOf(claim.fidelity, { of, rounded, why }) };
}

/** Whether no draw is left to chance: every token is the likeliest. */
export function isGreedy({ temperature }: OptionValues): boolean {
  return temperature === 0;
}

const BITS = { q8: 8, q4: 4 } as const;

function roundedOf({ name, rounding, lora, kvCache = "f32" }: Capabilities, isNamed: boolean): string[] {
  const whose = isNamed ? `${name}'s ` : "";
  const added = lora === undefined ? [] : [`the LoRA adapter ${lora} added to ${isNamed ? whose : "its "}weights`];
  const kept = kvCache === "f32" ? [] : [`${whose}keys and values rounded to ${CACHE_FORMATS[kvCache]} bits`];
  return [...added, ...productsOf(rounding, whose), ...kept];
}

function productsOf(rounding: Capabilities["rounding"], whose: string): string[] {
  if (!rounding) return [];
  const { format, roundsRows } = ROUNDINGS[rounding];
  if (!format) return [`${whose}weights and activations multiplied in 16 bits`];
  const weights = `${whose}weights rounded to ${BITS[format]} bits`;
  return roundsRows ? [weights, `${whose}activations rounded to 8 bits`] : [weights];
}

/** How the model's law is changed before a token is drawn, in the order in which it happens. */
function samplingOf(options: OptionValues): string {
  const { temperature, top_k, top_p, min_p, repetition_penalty, logit_bias } = options;
  const isDrawn = !isGreedy(options);
  const parts = [
    ...(isDrawn ? [`temperature ${temperature}`] : []),
    ...(isDrawn && top_k !== 0 ? [`top-k ${top_k}`] : []),
    ...(isDrawn && top_p !== 1 ? [`top-p ${top_p}`] : []),
    ...(isDrawn && min_p !== 0 ? [`min-p ${min_p}`] : []),
    ...(repetition_penalty !== 1 ? [`repetition penalty ${repetition_penalty}`] : []),
    ...(Object.keys(logit_bias ?? {}).length > 0 ? ["logit bias"] : []),
  ];
  return parts.length === 0 ? "" : ` ${isDrawn ? "at" : "with"} ${parts.join(", ")}`;
}

function sentenceOf(fidelity: Fidelity, { of, rounded, why }: Omit<Law, "sentence">): string {
  const law = rounded.length === 0 ? of : `${of}, with ${rounded.join(" and ")}`;
  switch (fidelity) {
    case "exact":
      return `Exactly ${law}.`;
    case "identical":
      return `Exactly ${law}, id for id what autoregressive writes with this seed.`;
    case "distribution":
      return `Exactly ${law}, by other draws than autoregressive's.`;
    case "approximate":
      return `Near ${law}, but not equal to it: ${why}.`;
  }
}
