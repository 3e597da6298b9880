import { invariant } from "../../errors.js";
import type { TokenId } from "../../events.js";
import type { TokenRef } from "../../model/session.js";
import type { Run, Step } from "../decoder.js";
import { numberOption } from "../options.js";
import { showVerdict } from "./host-rounds.js";
import type { DraftSource } from "./source.js";

type Tokens = (TokenId | TokenRef)[];

/** A prompt with more tokens is stored by itself, not together with the first drafts. */
const LONG_PROMPT = 256;

/** A small model drafts a chain with the target's noise, all on the device: rounds run ahead of what was read back. */
export const model: DraftSource = {
  name: "model",
  label: "Draft model",
  summary: "A small model writes a chain",
  numTokens: 4,
  needs: { draft: true },
  options: {},
  rounds: modelRounds,
};

async function* modelRounds(run: Run): AsyncGenerator<Step, void, void> {
  const { canvas, target, draft, sampler } = run;
  invariant(draft, "the draft source model runs with a draft session");
  let tokens: Tokens = canvas.ids().slice(target.length);
  let draftTokens: Tokens = canvas.ids().slice(draft.length);
  if (tokens.length > LONG_PROMPT) {
    // A forward whose rows are all kept is cut into several; one with drafts behind them isn't.
    const keep = tokens.length - 1;
    target.forward({ tokens: tokens.slice(0, keep), attend: "causal", rows: [], keep });
    tokens = tokens.slice(keep);
  }
  for (;;) {
    const numDrafts = await draftLength(run, tokens.length);
    if (numDrafts < 0) return;
    const drafts: TokenRef[] = [];
    for (let i = 0; i < numDrafts; i++) {
      const keep = draftTokens.length;
      const next = draft.forward({ tokens: draftTokens, attend: "causal", rows: "last", keep }).sample(sampler).ref(0);
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
    const parents = drafts.map((_, i) => i - 1);
    yield run.later(verdict, (edit, outcome) => {
      showVerdict(edit, parents, outcome, canvas.slots()[canvas.length - 1].id);
      run.judged(drafts.length, outcome.accepted);
    });
  }
}

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
