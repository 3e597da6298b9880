import { besideOf } from "../../companion.js";
import { sample, type Selected } from "../../../seam/questions/sample.js";
import type { Pending } from "../../../seam/pending.js";
import type { Run, Step } from "../../decoder.js";
import { storeLongPrompt } from "../../long-prompt.js";
import { numberOption } from "../../options.js";
import { doubtOf, judgeOf, restsBefore } from "../verifiers/judge.js";
import { chainOf } from "../drafters/source.js";
import { showVerdict, verifyRows } from "../verifiers/verification.js";

/**
 * Big Little Decoder's rounds (arXiv 2302.07863): the run's draft session writes on while it is sure, then the target reads that
 * and writes a token; behind drafts that it took back it writes another one. Each draft and each verdict is waited for.
 */
export async function* handOverRounds(run: Run): AsyncGenerator<Step, void, void> {
  const { canvas, target, capabilities, options, sampler } = run;
  const { session: draft, capabilities: draftCapabilities } = besideOf(run.beside, "drafter");
  const wanted = numberOption(options, "num_assistant_tokens");
  const judge = judgeOf(options, target, wanted);
  const doubt = doubtOf(options);
  const question = sample(sampler);
  const context = Math.min(capabilities.maxLength, draftCapabilities.maxLength + 1);
  for (;;) {
    const ids = canvas.ids();
    if (ids.length >= capabilities.maxLength) return;
    // The final token of the round needs a place too.
    const most = restsBefore(options, canvas) ? 0 : Math.max(0, Math.min(wanted, context - ids.length - 1));
    const drafts: Pending<Selected[]>[] = [];
    while (drafts.length < most) {
      const tokens = drafts.length === 0 ? ids.slice(draft.length) : drafts.slice(-1).map((last) => last.ref(0));
      const next = draft.forward({ tokens, attend: "causal", rows: "last", keep: tokens.length }).ask(question);
      if (doubt && !(await doubt.isSure(next))) break;
      drafts.push(next);
    }
    const { parents } = chainOf(new Array<number>(drafts.length).fill(0));
    const pending = storeLongPrompt(target, ids.slice(target.length));
    const rows = verifyRows(target, pending, { tokens: drafts.map((next) => next.ref(0)), parents });
    const verdict = judge.verdict(rows, sampler, drafts);
    target.keep(verdict);
    const outcome = await verdict.read();
    draft.truncate(Math.min(draft.length, ids.length + outcome.accepted));
    yield run.now((edit) => {
      showVerdict(edit, parents, outcome, canvas.slots()[canvas.length - 1].id);
      run.judged(drafts.length, outcome.accepted);
    });
  }
}
