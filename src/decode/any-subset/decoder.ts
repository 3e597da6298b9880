import { sample } from "../../seam/questions/sample.js";
import { type Canvas, isOpen } from "../../vocabulary/canvas.js";
import { invariant } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import type { TokenRef } from "../../seam/pending.js";
import { type Decoder, defineDecoder } from "../decoder.js";
import { fillingSampler } from "../masks/filling-sampler.js";
import { numberOption } from "../options.js";
import { ANY_SUBSET_OPTIONS } from "./options.js";

/**
 * Fills masks from left to right, each by everything that is known, also behind it (any-subset speculative decoding, arXiv
 * 2504.20456): the model drafts several at once, each by itself, and says in a second forward what each is behind the drafts
 * before it. Where the authors accept by rejection, the two share their noise here: what is kept is what one mask a forward
 * would have given, token for token. A round's first draft is right by definition, so a token never costs more than a forward.
 */
export const anySubset: Decoder = defineDecoder({
  name: "any-subset",
  label: "Any subset",
  summary:
    "Fills masks anywhere by what is known on both sides, several checked in one forward; same text as one by one",
  options: ANY_SUBSET_OPTIONS,
  claim: () => ({ fidelity: "exact", order: "one token a forward from left to right" }),
  needs: () => ({ anySubset: true, maskToken: true, inPlace: true, asks: ["sample", "rank", "positions"] }),
  async *run(run) {
    const { canvas, target, capabilities, options, maxNewTokens } = run;
    const mask = capabilities.maskToken;
    invariant(mask !== null, "any-subset runs on a model with a mask token");
    const isInfill = options.infill === true;
    const question = sample(fillingSampler(run, mask));
    const limit = numberOption(options, "draft_tokens");
    const end = isInfill ? canvas.length : Math.min(canvas.promptLength + maxNewTokens, capabilities.maxLength);
    for (;;) {
      const slots = canvas.slots();
      const isMasked = (position: number) => position >= slots.length || isOpen(slots[position]);
      const all = Array.from({ length: end }, (_, position) => position);
      const known = all.filter((position) => !isMasked(position));
      // A verification has two rows for each draft but the first.
      const room = Math.floor((capabilities.maxLength - known.length + 2) / 2);
      const drafted = all.filter(isMasked).slice(0, Math.max(1, Math.min(limit, room)));
      if (drafted.length === 0) return;
      const ids = canvas.ids(mask);
      const ranks = ranksOf(canvas, end);
      /** What each mask is behind what is known and the `given` masks' tokens before it. */
      const ask = (asked: readonly number[], given: readonly TokenRef[]) => {
        const givenRows = given.map((_, i) => drafted[i]);
        const first = known.length + given.length;
        // Without given tokens all see what the first one sees.
        const askedRanks = asked.map((position) => ranks[given.length > 0 ? position : drafted[0]]);
        const rows = target.forward({
          tokens: [...known.map((position) => ids[position]), ...given, ...asked.map((): TokenId => mask)],
          positions: [...known, ...givenRows, ...asked],
          attend: {
            rank: [...[...known, ...givenRows].map((position) => ranks[position]), ...askedRanks],
            strict: true,
            queries: asked.length,
          },
          rows: asked.map((_, i) => first + i),
          keep: 0,
        });
        return rows.ask(question);
      };
      const drafting = ask(drafted, []);
      const refs = drafted.slice(0, -1).map((_, i) => drafting.ref(i));
      const checking = refs.length > 0 ? ask(drafted.slice(1), refs) : null;
      const [drafts, checked] = await Promise.all([drafting.read(), checking?.read()]);
      // What is behind nothing but what is known is what it was drafted as.
      const right = [drafts[0], ...(checked ?? [])];
      const wrong = drafts.findIndex(({ token }, i) => token !== right[i].token);
      const numRight = wrong < 0 ? drafts.length : wrong;
      const written = right.slice(0, numRight + 1);
      yield run.now((edit) => {
        while (canvas.length < end) edit.append(null, "mask");
        const filled = canvas.slots();
        written.forEach(({ token, logprob }, i) => {
          edit.write(filled[drafted[i]].id, token, "committed", logprob);
        });
        run.judged(drafts.length - 1, numRight - 1);
      });
    }
  },
});

/** By position, the order in which the model reads: the prompt, wherever it stands, then the masks from left to right. */
function ranksOf(canvas: Canvas, end: number): number[] {
  const slots = canvas.slots();
  let next = 1;
  return Array.from({ length: end }, (_, position) => (slots[position]?.state === "prompt" ? 0 : next++));
}

/** Found by its folder (`decode/index.ts`). */
export default anySubset;
