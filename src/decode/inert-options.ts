import { InvalidOptionError } from "../vocabulary/errors.js";
import type { Capabilities } from "../seam/capabilities.js";
import { COMMON_OPTIONS, type OptionTable, type OptionValues } from "./options.js";

/** The error for an option that changes nothing beside others: which they are, why, and what to do. */
export function changesNothing(name: string, why: string, advice = "leave it out"): InvalidOptionError {
  return new InvalidOptionError(`${name} changes nothing ${why}: ${advice}.`);
}

/** Which option leaves a single token to every law, whatever the model says; null where none does. */
export function certaintyOf(options: OptionValues, vocabSize = Number.POSITIVE_INFINITY): string | null {
  const { temperature, top_k, top_p, min_p } = options;
  if (temperature === 0) return "temperature 0";
  if (top_k === 1) return "top_k 1";
  if (min_p === 1) return "min_p 1";
  // The likeliest of so many tokens alone has this probability.
  return Number(top_p) < 1 && Number(top_p) * vocabSize <= 1 ? `top_p ${String(top_p)}` : null;
}

/** Whether tokens are drawn from the law that the logits give, but for temperature and filters. */
export function isUnbiased({ repetition_penalty, logit_bias, classifier_weights }: OptionValues): boolean {
  return (
    [logit_bias, classifier_weights].every((map) => Object.keys(map ?? {}).length === 0) && repetition_penalty === 1
  );
}

/**
 * Refuses options of drawing that change nothing beside the others. `given`: those that the caller gave: what a model's own defaults
 * set is never refused. A limit that isn't reached is no such option, and a seed keeps its promise where nothing is drawn. `table`: the
 * decoder's, which may mean something else by one of the names.
 */
export function checkDrawing(
  options: OptionValues,
  given: ReadonlySet<string>,
  { vocabSize }: Capabilities,
  table: OptionTable,
): void {
  for (const name of ["top_k", "top_p", "min_p"] as const) {
    const { default: off } = COMMON_OPTIONS[name];
    if (!given.has(name) || options[name] === off || table[name] !== COMMON_OPTIONS[name]) continue;
    const certain = certaintyOf({ ...options, [name]: off }, vocabSize);
    if (!certain) continue;
    const advice =
      certain === "temperature 0" ? "leave it out, or give a temperature above 0" : "leave one of them out";
    throw changesNothing(name, `beside ${certain}, which leaves the likeliest token alone`, advice);
  }
  for (const [name, unit] of [
    ["logit_bias", "biases"],
    ["classifier_weights", "weights"],
  ] as const) {
    const values = Object.values(options[name] ?? {});
    if (values.length > 0 && values.every((value) => value === 0))
      throw changesNothing(name, `with ${unit} of 0 alone`);
  }
}

/**
 * Refuses a bias or a weight of a token that is never written. `fills`: a decoder fills masks, by which a mask isn't filled; and
 * holes, which no end token fills.
 */
export function checkWritable(
  options: OptionValues,
  { vocabSize, numTokens = vocabSize, maskToken, eosTokens }: Capabilities,
  fills: boolean,
): void {
  for (const name of ["logit_bias", "classifier_weights"]) {
    for (const id of Object.keys(options[name] ?? {}).map(Number)) {
      const refuse = (what: string) => {
        throw new InvalidOptionError(`${name}: id ${id} ${what}, and is never written: leave it out.`, "bad_token");
      };
      if (id >= numTokens) refuse("stands for no token of the tokenizer");
      if (fills && id === maskToken) refuse("is the mask");
      if (fills && options.infill === true && name === "logit_bias" && eosTokens.includes(id))
        refuse("ends a text, which goes on behind its holes");
    }
  }
}
