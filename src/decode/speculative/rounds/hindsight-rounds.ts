import { verify } from "../../../seam/questions/verify.js";
import type { TokenId } from "../../../vocabulary/events.js";
import { type Selected, sample } from "../../../seam/questions/sample.js";
import type { Pending, TokenRef } from "../../../seam/pending.js";
import { appendDrawn, plainStep } from "../../plain-steps.js";
import type { Run, Step } from "../../decoder.js";
import { numberOption } from "../../options.js";
import { Hindsight } from "../schedules/hindsight.js";
import { costsOf } from "../schedules/schedule.js";
import { chainOf, type Drafter } from "../drafters/source.js";
import { showVerdict, verifyRows } from "../verifiers/verification.js";

/** Plain steps under way at most: while drafting pays, as many as a wait takes, up to the first; else as many as plain decoding has. */
const MOST_AHEAD = { drafting: 4, plain: 8 };

/**
 * Rounds of a drafter on the CPU whose lengths are chosen by hindsight. Where nothing is drafted plain steps run ahead, so many
 * that the device has work while the next draft is looked for: what is drafted then begins behind them, and is of use if they
 * write what it begins with. Only verdicts are waited for. Where drafting doesn't pay this is plain decoding, looked at as its
 * results arrive.
 */
export async function* hindsightRounds(run: Run, drafter: Drafter): AsyncGenerator<Step, void, void> {
  const { canvas, target, sampler, capabilities, options } = run;
  const costs = costsOf(options, {});
  const ahead = Math.min(MOST_AHEAD.drafting, Math.max(1, Math.ceil(costs.roundTrip)));
  const lengths = new Hindsight(drafter, costs, numberOption(options, "num_assistant_tokens"), ahead);
  // The engine applies a step later than this reads its result.
  const known: TokenId[] = [...canvas.ids()];
  let pending: readonly (TokenId | TokenRef)[] = known.slice(target.length);
  let underWay: { drawn: Pending<Selected[]>; step: Step }[] = [];
  const readOldest = async () => {
    const [{ drawn, step }, ...later] = underWay;
    known.push((await drawn.read())[0].token);
    step.isKnown = true;
    underWay = later;
  };
  const [plain, verifying] = [sample(sampler), verify(sampler)];
  for (let isFirst = true; ; isFirst = false) {
    let guess = lengths.draft(known);
    let numDrafts = lengths.best(guess.length > Math.min(ahead, underWay.length));
    while (underWay.length > (numDrafts > 0 ? ahead : MOST_AHEAD.plain)) {
      await readOldest();
      guess = lengths.draft(known);
      numDrafts = lengths.best(guess.length > Math.min(ahead, underWay.length));
    }
    // Of the context, behind what is known and under way; the final token of a round needs a place too.
    const room = capabilities.maxLength - known.length - underWay.length - 1;
    if (room < 0) return;
    // The first step stores the prompt, which may have any length.
    const limit = isFirst ? 0 : Math.min(numDrafts, room);
    const draft = chainOf(guess.slice(underWay.length, underWay.length + limit));
    if (draft.tokens.length === 0) {
      const next = plainStep(target, plain, pending);
      pending = [next.ref(0)];
      const step = run.later(next, appendDrawn);
      underWay = [...underWay, { drawn: next, step }];
      yield step;
      continue;
    }
    const verdict = verifyRows(target, pending, draft).ask(verifying);
    target.keep(verdict);
    while (underWay.length > 0) await readOldest();
    const outcome = await verdict.read();
    known.push(...outcome.emitted.map(({ token }) => token));
    pending = known.slice(-1);
    yield run.now((edit) => {
      showVerdict(edit, draft.parents, outcome, canvas.slots()[canvas.length - 1].id);
      run.judged(draft.tokens.length, outcome.accepted);
    });
  }
}
