import { STATES } from "../../extension/states/key.js";
import type { Pending } from "../../seam/pending.js";
import { type Candidates, type Contrasted, contrast } from "../../seam/questions/contrast.js";
import { topK } from "../../seam/questions/top-k.js";
import { InvalidOptionError } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import { type Decoder, defineDecoder, type Editor, type Run, type Step } from "../decoder.js";
import { numberOption, type OptionValues } from "../options.js";
import { plainSteps } from "../plain-steps.js";
import { CONTRASTIVE_FIGURES } from "./figures.js";
import { CONTRASTIVE_OPTIONS } from "./options.js";

/** Contrastive search (arXiv 2202.06417): of the likeliest tokens the one that is least like what was written. */
export const contrastive: Decoder = defineDecoder({
  name: "contrastive",
  label: "Contrastive",
  summary: "Left to right, of a few likely tokens the one whose state is least like those of the text before it",
  options: CONTRASTIVE_OPTIONS,
  resolve(options, { vocabSize, numTokens = vocabSize }) {
    if (Object.keys(options.logit_bias ?? {}).length > 0) {
      throw new InvalidOptionError(
        "logit_bias can't be honoured by contrastive, whose candidates are the likeliest of the model's own law: leave it out, or choose autoregressive.",
      );
    }
    return { ...options, top_k: Math.min(numberOption(options, "top_k"), numTokens) };
  },
  claim({ options }) {
    if (isPlain(options)) return { fidelity: "identical" };
    const { penalty_alpha, top_k } = options;
    return { fidelity: "exact", of: `the contrastive search of TARGET (alpha ${penalty_alpha}, ${top_k} candidates)` };
  },
  needs: (options) => ({
    causal: true,
    asks: isPlain(options) ? ["sample"] : ["topK", "contrast", "parents", "keep", STATES],
  }),
  figures: (options) => (isPlain(options) ? {} : CONTRASTIVE_FIGURES),
  usualForwards: (options) => ({ drawn: [isPlain(options) ? 1 : numberOption(options, "top_k")] }),
  run: (run) => (isPlain(run.options) ? plainSteps(run) : contrastiveSteps(run)),
});

/** Whether likeness can't count: the text is the greedy one. */
function isPlain({ penalty_alpha, top_k }: OptionValues): boolean {
  return penalty_alpha === 0 || top_k === 1;
}

/**
 * Candidates for the next token are rows of one forward beside each other, and the one that is taken stays: its logits are the next
 * step's. Which one that is, and what comes behind it, stays on the device, so that steps run ahead of what was read.
 */
async function* contrastiveSteps(run: Run): AsyncGenerator<Step, void, void> {
  const { canvas, target, capabilities, options, sampler } = run;
  const k = numberOption(options, "top_k");
  const alpha = numberOption(options, "penalty_alpha");
  const states = target.beside(STATES);
  // What others have written left no states.
  if (states.length < target.length) target.truncate(states.length);
  const likely = topK(k, sampler);
  const read = (tokens: readonly TokenId[]): Candidates =>
    target.forward({ tokens, attend: "causal", rows: "last", states, keep: tokens.length }).ask(likely);
  const compare = (candidates: Candidates, from: number, count: number): Pending<Contrasted> => {
    const tokens = Array.from({ length: count }, (_, i) => candidates.ref(from + i));
    const attend = { parents: tokens.map(() => -1) };
    const rows = target.forward({ tokens, attend, states, keep: 0 });
    return rows.ask(contrast(sampler, { alpha, states, candidates, from, k }));
  };
  const taken = (edit: Editor, { token, logprob, isotropy }: Contrasted) => {
    edit.append(token, "committed", logprob);
    if (isotropy !== null) run.figure("isotropy", isotropy);
  };
  let candidates = read(canvas.ids().slice(target.length));
  while (target.length < capabilities.maxLength) {
    const room = capabilities.maxLength - target.length;
    if (room >= k) {
      const chosen = compare(candidates, 0, k);
      target.keep(chosen);
      candidates = chosen;
      yield run.later(chosen, taken);
      continue;
    }
    // At the end of the context not all fit beside each other: as many at once as do, and the best of each group is compared here.
    const groups: Pending<Contrasted>[] = [];
    for (let from = 0; from < k; from += room) groups.push(compare(candidates, from, Math.min(room, k - from)));
    let best = await groups[0].read();
    for (const group of groups.slice(1)) {
      const other = await group.read();
      if (other.score > best.score) best = other;
    }
    yield run.now((edit) => taken(edit, best));
    candidates = read([best.token]);
  }
}

/** Found by its folder (`decode/index.ts`). */
export default contrastive;
