import { besideOf } from "../../companion.js";
import { EAGLE } from "../../../extension/eagle/key.js";
import { draftQuestions } from "../../../seam/questions/draft.js";
import { invariant } from "../../../vocabulary/errors.js";
import type { TokenId } from "../../../vocabulary/events.js";
import type { RowInput } from "../../../seam/row-input.js";
import type { Selected } from "../../../seam/questions/sample.js";
import type { Pending, TokenRef } from "../../../seam/pending.js";
import type { Session } from "../../../seam/session.js";
import type { Run, Step } from "../../decoder.js";
import { numberOption } from "../../options.js";
import { PIECE_ROWS } from "../../long-prompt.js";
import { showVerdict } from "../verifiers/verification.js";
import { doubtOf, judgeAsks, judgeOf, restsBefore } from "../verifiers/judge.js";
import { plainBurst } from "../rounds/rounds-ahead.js";
import { scheduleAsks, scheduleOf } from "../schedules/schedule.js";
import type { DraftSource } from "./source.js";

/**
 * A head on the target's hidden states writes a chain (EAGLE, arXiv 2401.15077): it reads the next token and the state before
 * it, and its own states where the target has none yet. Behind each verdict, which it waits for, it reads again what was kept,
 * with the target's states. EAGLE-2's trees are not built.
 */
export const eagle: DraftSource = {
  name: "eagle",
  label: "EAGLE head",
  summary: "A head on the target's hidden states writes a chain",
  isChain: true,
  draws: "chain",
  numTokens: 4,
  authorsTokens: 59,
  needs: (options) => {
    const { target, draft } = judgeAsks(options);
    return {
      asks: [...target, ...scheduleAsks(options), draft, "positions"],
      beside: { drafter: { key: EAGLE, skips: 1 } },
    };
  },
  options: {},
  rounds: eagleRounds,
};

async function* eagleRounds(run: Run): AsyncGenerator<Step, void, void> {
  const { canvas, target, capabilities, options, sampler } = run;
  const { session: head } = besideOf(run.beside, "drafter");
  invariant(head, "the draft source eagle runs with a session on the target's head");
  const schedule = scheduleOf(options, { rereads: true });
  const judge = judgeOf(options, target, numberOption(options, "num_assistant_tokens"));
  const asked = draftQuestions(sampler, judge.laws);
  const doubt = doubtOf(options);
  let next = readKnown(target, head, canvas.ids());
  for (;;) {
    const ids = canvas.ids();
    const numPlain = schedule.skip?.() ?? 0;
    if (numPlain > 0) {
      if ((yield* plainBurst(run, ids.slice(target.length), numPlain)) === 0) return;
      next = readKnown(target, head, canvas.ids());
      continue;
    }
    // The final token of the round needs a place too.
    const limit = Math.min(schedule.next(), capabilities.maxLength - ids.length - 1);
    if (limit < 0) return;
    const most = restsBefore(options, canvas) ? 0 : limit;
    const drafts: Pending<Selected[]>[] = [];
    const { length } = head;
    while (next && drafts.length < most) {
      const drawn = next.rows.ask(asked(drafts.length));
      const isSure = !doubt || (await doubt.isSure(drawn));
      if (isSure || !doubt?.drops) drafts.push(drawn);
      if (!isSure) break;
      if (drafts.length < most) next = readDraft(head, drawn.ref(0), next.last);
    }
    const pending = ids.slice(target.length);
    const keep = pending.length;
    const verified = target.forward({
      tokens: [...pending, ...drafts.map((draft) => draft.ref(0))],
      attend: "causal",
      rows: Array.from({ length: drafts.length + 1 }, (_, i) => keep - 1 + i),
      hidden: true,
      keep,
    });
    const verdict = judge.verdict(verified, sampler, drafts);
    target.keep(verdict);
    const outcome = await verdict.read();
    head.truncate(length);
    next = read(head, [...pending.slice(1), ...outcome.emitted.map(({ token }) => token)]);
    const numDrafts = drafts.length;
    schedule.observe(numDrafts, outcome.accepted);
    const parents = drafts.map((_, i) => i - 1);
    yield run.now((edit) => {
      showVerdict(edit, parents, outcome, canvas.slots()[canvas.length - 1].id);
      run.judged(numDrafts, outcome.accepted);
    });
  }
}

/**
 * Cuts both sessions to what both have read, and has them read what is known, in pieces: the target all but the last token,
 * the head that one too. Its last row is what drafts go on from, so a run that starts again drafts what it would have drafted;
 * null behind a single token, which has no state before it.
 */
function readKnown(target: Session, head: Session, ids: readonly TokenId[]) {
  target.truncate(Math.min(head.match(ids.slice(1)), Math.max(0, ids.length - 2)));
  head.truncate(target.length);
  let last: ReturnType<typeof read> | null = null;
  while (target.length < ids.length - 1) {
    const start = target.length;
    const end = Math.min(start + PIECE_ROWS, ids.length - 1);
    target.forward({ tokens: ids.slice(start, end), attend: "causal", rows: [], hidden: true, keep: end - start });
    last = read(head, ids.slice(start + 1, end + 1));
  }
  return last;
}

/** Reads tokens behind the states of the target's last forward, from its first row on. */
function read(head: Session, tokens: readonly TokenId[]) {
  const rows = forward(
    head,
    tokens.map((token, row) => ({ token, state: { of: "trunk", row } })),
  );
  return { rows, last: tokens.length - 1 };
}

function readDraft(head: Session, token: TokenRef, before: number) {
  return { rows: forward(head, [{ token, state: { of: "head", row: before } }]), last: 0 };
}

/** A row stands at its token's place in the text, which is one behind its place in the head's cache: noise goes by it. */
function forward(head: Session, tokens: readonly RowInput[]) {
  const positions = tokens.map((_, i) => head.length + 1 + i);
  return head.forward({ tokens, positions, attend: "causal", rows: "last", keep: tokens.length });
}
