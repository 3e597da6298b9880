import { invariant } from "../errors.js";
import type { TokenId } from "../events.js";
import type { TokenRef } from "../model/session.js";
import { type Decoder, defineDecoder, type Run } from "./decoder.js";
import { COMMON_OPTIONS, numberOption } from "./options.js";

type Tokens = (TokenId | TokenRef)[];

/**
 * A draft model writes a chain, the target checks it in one forward. A draft is accepted iff it is the token that
 * `autoregressive` would draw there: both draw with the same noise, so the text is the same at any temperature.
 */
export const speculative: Decoder = defineDecoder({
  name: "speculative",
  label: "Speculative",
  summary: "A small model drafts, the target verifies a chain in one forward pass; same text as autoregressive",
  options: {
    ...COMMON_OPTIONS,
    num_assistant_tokens: {
      type: "integer",
      label: "Draft tokens",
      doc: "Tokens to draft for each verification; 0 drafts nothing",
      default: 4,
      min: 0,
      max: 32,
    },
  },
  fidelity: () => "identical",
  needs: () => ({ causal: true, draft: true }),
  async *run(run) {
    const { canvas, target, draft, sampler } = run;
    invariant(draft, "speculative runs with a draft session");
    let tokens: Tokens = canvas.ids().slice(target.length);
    let draftTokens: Tokens = canvas.ids().slice(draft.length);
    for (;;) {
      const numDrafts = await draftLength(run, tokens.length);
      if (numDrafts < 0) return;
      const drafts: TokenRef[] = [];
      for (let i = 0; i < numDrafts; i++) {
        const keep = draftTokens.length;
        const next = draft
          .forward({ tokens: draftTokens, attend: "causal", rows: "last", keep })
          .sample(sampler)
          .ref(0);
        drafts.push(next);
        draftTokens = [next];
      }
      // The pending token's row is the last that is kept at once; the drafts' rows join when they are accepted.
      const keep = tokens.length;
      const rows = Array.from({ length: numDrafts + 1 }, (_, i) => keep - 1 + i);
      const verdict = target.forward({ tokens: [...tokens, ...drafts], attend: "causal", rows, keep }).verify(sampler);
      target.keep(verdict);
      // After full acceptance the draft lacks the last draft, which it never read: so it always reads two tokens.
      draft.truncate(target, -1);
      tokens = [verdict.ref("last")];
      draftTokens = [verdict.ref("previous"), verdict.ref("last")];
      yield run.later(verdict, (edit, { accepted, drafts, emitted }) => {
        const slots = drafts.map((token) => edit.append(token, "draft"));
        for (let i = 0; i < accepted; i++) edit.write(slots[i], drafts[i], "committed", emitted[i].logprob);
        for (const slot of slots.slice(accepted).reverse()) edit.delete(slot);
        edit.append(emitted[accepted].token, "committed", emitted[accepted].logprob);
        run.judged(drafts.length, accepted);
      });
    }
  },
});

/**
 * Tokens to draft so that the round fits both contexts; negative when not even the pending token does.
 * Waits for the target's length only where it decides: the answer mustn't depend on what was read already.
 */
async function draftLength(run: Run, numPending: number): Promise<number> {
  const { target, capabilities, draftCapabilities, options } = run;
  const wanted = numberOption(options, "num_assistant_tokens");
  const fits = (length: number) => {
    const written = length + numPending;
    const draftRoom = (draftCapabilities?.maxLength ?? 0) - written + 1;
    return Math.min(capabilities.maxLength - written - 1, Math.max(0, draftRoom), wanted);
  };
  if (fits(target.maxLength) < wanted) await Promise.all([target.settle(), run.draft?.settle()]);
  return fits(target.maxLength);
}
