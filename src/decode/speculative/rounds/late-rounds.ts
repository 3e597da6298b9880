import { TEXT_DRAFTS } from "../../../extension/text-drafts/key.js";
import type { TokenId } from "../../../vocabulary/events.js";
import { verify, type Verdict } from "../../../seam/questions/verify.js";
import type { Pending, TokenRef } from "../../../seam/pending.js";
import type { Run, Step } from "../../decoder.js";
import { storeLongPrompt } from "../../long-prompt.js";
import { showVerdict, verifyRows } from "../verifiers/verification.js";
import { plainBurst, roundLength } from "./rounds-ahead.js";
import { scheduleOf } from "../schedules/schedule.js";
import { chainOf, type Drafter, NO_DRAFT } from "../drafters/source.js";

/** Tokens before the draft by which the device finds its place in it; more than a lucky match. */
const MAX_NGRAM = 8;

/** Rounds that are late at most. */
const MAX_LAG = 4;

interface Unread {
  numDrafts: number;
  verdict: Pending<Verdict>;
  step: Step;
}

/**
 * Rounds of a drafter on the CPU that is a round late, or as many as a wait takes: while the device verifies, it drafts from what
 * it knows, over the tokens that it doesn't know yet, and the device copies out of that what follows the last token
 * (`TextDrafts.copy`). A draft that was wrong about those is of no use, which costs drafts and never text.
 */
export async function* lateRounds(run: Run, drafter: Drafter): AsyncGenerator<Step, void, void> {
  const { canvas, target, options, sampler } = run;
  const lag = Math.min(MAX_LAG, Math.max(1, Math.ceil(Number(options.wait_cost ?? 0))));
  const schedule = scheduleOf(options, { lag });
  const verifying = verify(sampler);
  // The engine applies a step later than this reads its verdict.
  let known = [...canvas.ids()];
  let pending: readonly (TokenId | TokenRef)[] = storeLongPrompt(target, known.slice(target.length));
  const unread: Unread[] = [];
  const readOldest = async () => {
    const { numDrafts, verdict, step } = unread[0];
    const { accepted, emitted } = await verdict.read();
    unread.shift();
    known.push(...emitted.map(({ token }) => token));
    schedule.observe(numDrafts, accepted);
    step.isKnown = true;
  };
  for (let isFirst = true; ; isFirst = false) {
    const numPlain = isFirst ? 0 : (schedule.skip?.() ?? 0);
    if (numPlain > 0) {
      if ((yield* plainBurst(run, pending, numPlain)) === 0) return;
      while (unread.length > 0) await readOldest();
      known = [...canvas.ids()];
      pending = known.slice(target.length);
      continue;
    }
    const most = await roundLength(run, pending.length, isFirst ? 0 : schedule.next());
    if (most < 0) return;
    const numUnknown = unread.reduce((sum, { numDrafts }) => sum + numDrafts + 1, 0);
    const guess = most > 0 ? drafter.draft(known, numUnknown + most) : NO_DRAFT;
    const numDrafts = Math.min(most, guess.tokens.length);
    const last = pending[pending.length - 1];
    const text = [...known.slice(-MAX_NGRAM), ...guess.tokens];
    const drafts =
      numDrafts > 0 ? target.beside(TEXT_DRAFTS).copy({ last, maxNgram: MAX_NGRAM, count: numDrafts, text }) : null;
    const tokens = Array.from({ length: numDrafts }, (_, i) => drafts?.ref(i) ?? []).flat();
    const { parents } = chainOf(guess.tokens.slice(0, numDrafts));
    const verdict = verifyRows(target, pending, { tokens, parents }).ask(verifying);
    target.keep(verdict);
    pending = [verdict.ref("last")];
    const step = run.later(verdict, (edit, outcome) => {
      showVerdict(edit, parents, outcome, canvas.slots()[canvas.length - 1].id);
      run.judged(numDrafts, outcome.accepted);
    });
    if (unread.length === lag) await readOldest();
    unread.push({ numDrafts, verdict, step });
    yield step;
  }
}
