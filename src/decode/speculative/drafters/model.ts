import { besideOf } from "../../companion.js";
import { draftQuestions } from "../../../seam/questions/draft.js";
import type { TokenId } from "../../../vocabulary/events.js";
import type { Selected } from "../../../seam/questions/sample.js";
import type { Pending, TokenRef } from "../../../seam/pending.js";
import type { Run, Step } from "../../decoder.js";
import { numberOption } from "../../options.js";
import { storeLongPrompt } from "../../long-prompt.js";
import { showVerdict } from "../verifiers/verification.js";
import { handsOver } from "../verifiers/bild.js";
import { handOverRounds } from "../rounds/hand-over-rounds.js";
import { doubtOf, judgeAsks, judgeOf } from "../verifiers/judge.js";
import { scheduleAsks } from "../schedules/schedule.js";
import { LateSchedule, plainBurst, roundLength } from "../rounds/rounds-ahead.js";
import type { DraftSource } from "./source.js";

type Tokens = (TokenId | TokenRef)[];

/**
 * A small model drafts a chain, all on the device: rounds run ahead of what was read back. It draws with the target's
 * noise, or where a verifier compares laws with noise of the round's own.
 */
export const model: DraftSource = {
  name: "model",
  label: "Draft model",
  summary: "A small model writes a chain",
  isChain: true,
  draws: "chain",
  numTokens: 4,
  authorsTokens: 20,
  needs: (options) => {
    const { target, draft } = judgeAsks(options);
    return {
      asks: [...target, ...scheduleAsks(options)],
      beside: { drafter: { model: "second", asks: [draft] } },
    };
  },
  options: {},
  rounds: sessionRounds,
};

/** The rounds of a chain that the run's draft session writes. */
export function sessionRounds(run: Run): AsyncGenerator<Step, void, void> {
  return handsOver(run.options) ? handOverRounds(run) : roundsAhead(run);
}

/** Rounds of which several are under way before the first one's verdict is read. */
async function* roundsAhead(run: Run): AsyncGenerator<Step, void, void> {
  const { canvas, target, sampler, options } = run;
  const { session: draft } = besideOf(run.beside, "drafter");
  let tokens: Tokens = storeLongPrompt(target, canvas.ids().slice(target.length));
  let draftTokens: Tokens = canvas.ids().slice(draft.length);
  const schedule = new LateSchedule(options);
  const doubt = doubtOf(options);
  const judge = judgeOf(options, target, numberOption(options, "num_assistant_tokens"));
  const asked = draftQuestions(sampler, judge.laws);
  // The last token of the rounds that the schedule has seen.
  let last = canvas.ids()[canvas.length - 1];
  for (;;) {
    const seen = await schedule.observe();
    if (seen) {
      const { verdict } = seen;
      const { accepted, emitted } = seen.outcome;
      // References die some rounds later, and the draft may not have read the tokens for longer.
      const previous = accepted > 0 ? emitted[accepted - 1].token : last;
      last = emitted[accepted].token;
      const known = [
        { ref: verdict.ref("previous"), token: previous },
        { ref: verdict.ref("last"), token: last },
      ];
      draftTokens = draftTokens.map((token) => known.find(({ ref }) => isSame(token, ref))?.token ?? token);
    }
    const numPlain = schedule.skip();
    if (numPlain > 0) {
      if ((yield* plainBurst(run, tokens, numPlain)) === 0) return;
      await schedule.observeAll();
      const ids = canvas.ids();
      tokens = ids.slice(target.length);
      draftTokens = ids.slice(draft.length);
      last = ids[ids.length - 1];
      continue;
    }
    const mostDrafts = await roundLength(run, tokens.length, schedule.next());
    if (mostDrafts < 0) return;
    const drafts: Pending<Selected[]>[] = [];
    for (let isSure = true; isSure && drafts.length < mostDrafts; ) {
      const keep = draftTokens.length;
      const last = draft.forward({ tokens: draftTokens, attend: "causal", rows: "last", keep });
      const next = last.ask(asked(drafts.length));
      drafts.push(next);
      draftTokens = [next.ref(0)];
      // The price of this schedule: each draft is read back before the next one is asked for.
      if (doubt) isSure = await doubt.isSure(next);
    }
    const numDrafts = drafts.length;
    // The pending token's row is the last that is kept at once; the drafts' rows join when they are accepted.
    const keep = tokens.length;
    const rows = Array.from({ length: numDrafts + 1 }, (_, i) => keep - 1 + i);
    const drafted = drafts.map((next) => next.ref(0));
    const verified = target.forward({ tokens: [...tokens, ...drafted], attend: "causal", rows, keep });
    const verdict = judge.verdict(verified, sampler, drafts);
    target.keep(verdict);
    tokens = [verdict.ref("last")];
    if (numDrafts > 0) {
      // After full acceptance the draft lacks the last draft, which it never read: so it always reads two tokens.
      draft.truncate(target, -1);
      draftTokens = [verdict.ref("previous"), verdict.ref("last")];
    } else {
      draftTokens = [...draftTokens, verdict.ref("last")];
    }
    const parents = drafts.map((_, i) => i - 1);
    const step = run.later(verdict, (edit, outcome) => {
      showVerdict(edit, parents, outcome, canvas.slots()[canvas.length - 1].id);
      run.judged(drafts.length, outcome.accepted);
    });
    schedule.push(numDrafts, verdict, step);
    yield step;
  }
}

function isSame(token: TokenId | TokenRef, ref: TokenRef): boolean {
  return typeof token !== "number" && token.pending === ref.pending && token.word === ref.word;
}
