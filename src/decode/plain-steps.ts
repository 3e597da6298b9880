import { sample, type Selected } from "../seam/questions/sample.js";
import type { Question } from "../seam/questions/question.js";
import type { Session } from "../seam/session.js";
import type { Pending, TokenRef } from "../seam/pending.js";
import type { TokenId } from "../vocabulary/events.js";
import type { Editor, Run, Step } from "./decoder.js";

/**
 * So many tokens, ahead of what was read back; where there is a last one it is waited for. `question`: what is asked for each; left out:
 * what the run's sampler draws. `pending`: what the target hasn't read; left out: what the canvas holds beyond it.
 */
export async function* plainSteps(
  run: Run,
  question: Question<Selected[]> = sample(run.sampler),
  count = Number.POSITIVE_INFINITY,
  pending?: readonly (TokenId | TokenRef)[],
): AsyncGenerator<Step, void, void> {
  let tokens = pending ?? run.canvas.ids().slice(run.target.length);
  for (let left = count; left > 0; left--) {
    const next = plainStep(run.target, question, tokens);
    tokens = [next.ref(0)];
    if (left > 1) yield run.later(next, appendDrawn);
    else {
      const last = await next.read();
      yield run.now((edit) => appendDrawn(edit, last));
    }
  }
}

/** The token behind `pending`, which the target reads and keeps. */
export function plainStep(
  target: Session,
  question: Question<Selected[]>,
  pending: readonly (TokenId | TokenRef)[],
): Pending<Selected[]> {
  return target.forward({ tokens: pending, attend: "causal", rows: "last", keep: pending.length }).ask(question);
}

/** Appends what a plain step drew. */
export function appendDrawn(edit: Editor, [{ token, logprob }]: Selected[]): void {
  edit.append(token, "committed", logprob);
}
