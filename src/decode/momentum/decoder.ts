import { topK } from "../../seam/questions/top-k.js";
import { InvalidOptionError } from "../../vocabulary/errors.js";
import { type Decoder, defineDecoder, type Run, type Step } from "../decoder.js";
import { invalidValue, numberOption, type OptionValues } from "../options.js";
import { plainSteps } from "../plain-steps.js";
import { MAX_REPETITION, MOMENTUM_OPTIONS } from "./options.js";
import { Repetition } from "./repetition.js";

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
    return { fidelity: "exact", of: `the momentum decoding of TARGET (alpha ${alpha}, ${top_k} candidates)` };
  },
  needs: () => ({ causal: true }),
  run: (run) => (isPlain(run.options) ? plainSteps(run) : momentumSteps(run)),
});

/** Whether no resistance could count: the text is the greedy one. */
function isPlain({ alpha, top_k }: OptionValues): boolean {
  return alpha === 0 || top_k === 1;
}

async function* momentumSteps({ canvas, target, options, sampler, now }: Run): AsyncGenerator<Step, void, void> {
  const alpha = numberOption(options, "alpha");
  const numCandidates = numberOption(options, "top_k");
  const resistance = options.resistance as Readonly<Record<string, number>>;
  const text = new Repetition(canvas.ids());
  const likely = topK(numCandidates, sampler);
  let tokens = canvas.ids().slice(target.length);
  for (;;) {
    const rows = target.forward({ tokens, attend: "causal", rows: "last", keep: tokens.length });
    const [candidates] = await rows.ask(likely).read();
    let best = { ...candidates[0], score: Number.NEGATIVE_INFINITY };
    for (const candidate of candidates) {
      const length = text.lengthWith(candidate.token);
      const against = length === 0 ? 0 : (resistance[length] ?? Number.POSITIVE_INFINITY);
      const score = Math.exp(candidate.logprob) - alpha * against;
      if (score > best.score) best = { ...candidate, score };
    }
    const { token, logprob } = best;
    yield now((edit) => edit.append(token, "committed", logprob));
    text.append(token);
    tokens = [token];
  }
}

/** Found by its folder (`decode/index.ts`). */
export default momentum;
