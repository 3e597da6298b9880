import { counted } from "../../vocabulary/counted.js";
import type { Question } from "../../seam/questions/question.js";
import { resist } from "../../seam/questions/resist.js";
import { sample, type Selected } from "../../seam/questions/sample.js";
import { GREEDY, type Sampler } from "../../seam/sampler.js";
import { InvalidOptionError } from "../../vocabulary/errors.js";
import { type Decoder, defineDecoder } from "../decoder.js";
import { invalidValue, numberOption, type OptionValues } from "../options.js";
import { plainSteps } from "../plain-steps.js";
import { MAX_REPETITION, MOMENTUM_OPTIONS } from "./options.js";

/** Momentum decoding (arXiv 2212.02175): greedy, but against a resistance to what would go round in circles. */
export const momentum: Decoder = defineDecoder({
  name: "momentum",
  label: "Momentum",
  summary: "Left to right, the likeliest of a few tokens after what each would repeat is taken off",
  options: MOMENTUM_OPTIONS,
  resolve(options, { vocabSize, numTokens = vocabSize }) {
    if (Object.keys(options.logit_bias ?? {}).length > 0) {
      throw new InvalidOptionError(
        "logit_bias can't be honoured by momentum, whose candidates are the likeliest of the model's own law: leave it out, or choose autoregressive.",
      );
    }
    for (const [length, resistance] of Object.entries(options.resistance ?? {})) {
      if (Number(length) < 1 || Number(length) > MAX_REPETITION || resistance < 0) {
        const allowed = `give numbers of at least 0 to lengths from 1 to ${MAX_REPETITION}, as {"1": 1, "2": 2}`;
        throw invalidValue("resistance", { [length]: resistance }, allowed);
      }
    }
    return { ...options, top_k: Math.min(numberOption(options, "top_k"), numTokens) };
  },
  claim({ options }) {
    if (isPlain(options)) return { fidelity: "identical" };
    const { alpha, top_k } = options;
    return {
      fidelity: "exact",
      of: `the momentum decoding of TARGET (alpha ${alpha}, ${counted(Number(top_k), "candidate")})`,
    };
  },
  needs: (options) => ({ causal: true, asks: [isPlain(options) ? "sample" : "resist"] }),
  usualForwards: (options) => ({ drawn: [1], ...(isPlain(options) ? {} : { asked: question(GREEDY, options) }) }),
  run: (run) => plainSteps(run, isPlain(run.options) ? sample(run.sampler) : question(run.sampler, run.options)),
});

/** Whether no resistance could count: the text is the greedy one. */
function isPlain({ alpha, top_k }: OptionValues): boolean {
  return alpha === 0 || top_k === 1;
}

/** What is asked for each token. A token that isn't in the text is resisted by nothing, a length that the table leaves out by all. */
function question(sampler: Sampler, options: OptionValues): Question<Selected[]> {
  const alpha = numberOption(options, "alpha");
  const table = options.resistance as Readonly<Record<string, number>>;
  const byLength = Array.from({ length: MAX_REPETITION }, (_, i) => alpha * (table[i + 1] ?? Number.POSITIVE_INFINITY));
  return resist(sampler, { k: numberOption(options, "top_k"), resistance: [0, ...byLength] });
}

/** Found by its folder (`decode/index.ts`). */
export default momentum;
