import { besideOf } from "../../companion.js";
import { ARGMAX } from "../../../seam/questions/sample.js";
import { InvalidOptionError, invariant } from "../../../vocabulary/errors.js";
import type { TokenId } from "../../../vocabulary/events.js";
import type { TokenRef } from "../../../seam/pending.js";
import type { Run, Step } from "../../decoder.js";
import { storeLongPrompt } from "../../long-prompt.js";
import { showVerdict, verifyDraft } from "../verifiers/verification.js";
import { scheduleOf } from "../schedules/schedule.js";
import { chainOf, type DraftSource } from "./source.js";

/**
 * A small model with another tokenizer writes on greedily, and what it has written is tokenised anew for the target
 * ("universal assisted generation", as in Hugging Face's transformers). Each round waits twice: for the drafts, whose text is
 * needed, and for the verdict.
 */
export const retokenized: DraftSource = {
  name: "retokenized",
  label: "Draft model, other tokenizer",
  summary: "A small model with another vocabulary writes on, and its text is tokenised anew",
  isChain: true,
  numTokens: 4,
  authorsTokens: 20,
  needs: () => ({
    asks: ["verify", "keep"],
    beside: { drafter: { model: "second", isRetokenized: true, asks: ["sample"] } },
  }),
  options: {},
  check({ num_assistant_tokens_schedule: schedule }) {
    if (schedule !== "adaptive") return;
    throw new InvalidOptionError(
      "num_assistant_tokens_schedule adaptive weighs the target's tokens, and the drafter retokenized writes others: choose constant or heuristic.",
    );
  },
  rounds: retokenizedRounds,
};

async function* retokenizedRounds(run: Run): AsyncGenerator<Step, void, void> {
  const { canvas, capabilities, options } = run;
  const schedule = scheduleOf(options);
  for (;;) {
    const ids = canvas.ids();
    // The final token of the round needs a place too.
    const limit = Math.min(schedule.next(), capabilities.maxLength - ids.length - 1);
    if (limit < 0) return;
    const draft = chainOf((await draftText(run, ids, limit)).slice(0, limit));
    const pending = storeLongPrompt(run.target, ids.slice(run.target.length));
    const outcome = await verifyDraft(run, pending, draft).verdict.read();
    schedule.observe(draft.tokens.length, outcome.accepted);
    yield run.now((edit) => {
      showVerdict(edit, draft.parents, outcome, canvas.slots()[canvas.length - 1].id);
      run.judged(draft.tokens.length, outcome.accepted);
    });
  }
}

/** About `limit` of the target's tokens behind `ids`, as the draft model would go on. */
async function draftText(run: Run, ids: readonly TokenId[], limit: number) {
  const { retokenizer } = run;
  const { session: draft, capabilities } = besideOf(run.beside, "drafter");
  invariant(retokenizer, "retokenized drafts come from a model with a tokenizer");
  const { maxLength, eosTokens } = capabilities;
  const known = limit > 0 ? retokenizer.toOther(ids) : [];
  // As many of its own tokens as the text so far has for each of the target's; the last draft needs no place.
  const count = Math.min(Math.ceil((limit * known.length) / ids.length), maxLength - known.length + 1);
  if (known.length === 0 || count <= 0) return [];
  await draft.settle();
  draft.match(known.slice(0, -1));
  const written: TokenRef[] = [];
  const results = [];
  while (written.length < count) {
    const tokens = written.length === 0 ? known.slice(draft.length) : written.slice(-1);
    const rows = draft.forward({ tokens, attend: "causal", rows: "last", keep: tokens.length });
    const drawn = rows.ask(ARGMAX);
    results.push(drawn);
    written.push(drawn.ref(0));
  }
  const drawn = (await Promise.all(results.map((result) => result.read()))).map(([{ token }]) => token);
  const end = drawn.findIndex((token) => eosTokens.includes(token));
  return retokenizer.toOwn(ids, known, end < 0 ? drawn : drawn.slice(0, end));
}
