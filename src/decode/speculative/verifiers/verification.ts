import { topK } from "../../../seam/questions/top-k.js";
import type { SlotId, TokenId } from "../../../vocabulary/events.js";
import { verify, type Verdict } from "../../../seam/questions/verify.js";
import type { TokenRef } from "../../../seam/pending.js";
import type { Rows } from "../../../seam/rows.js";
import type { Session } from "../../../seam/session.js";
import type { Editor, Run } from "../../decoder.js";
import type { Draft } from "../drafters/source.js";

type Token = TokenId | TokenRef;

/** Verifies a draft behind the `pending` tokens by shared noise, and has the likeliest `numTaught` tokens of each row listed. */
export function verifyDraft({ target, sampler }: Run, pending: readonly Token[], draft: Draft, numTaught = 0) {
  const rows = verifyRows(target, pending, draft);
  const verdict = rows.ask(verify(sampler));
  const top = numTaught > 0 ? rows.ask(topK(numTaught)) : null;
  target.keep(verdict);
  return { verdict, top };
}

/** The forward of a verification: its logit rows are the last of the `pending` tokens, which are all kept, and the drafts. */
export function verifyRows(
  target: Session,
  pending: readonly Token[],
  drafts: { tokens: readonly Token[]; parents: readonly number[] },
): Rows {
  const keep = pending.length;
  const isChain = drafts.parents.every((parent, i) => parent === i - 1);
  const parents = [...pending.map((_, row) => row - 1), ...drafts.parents.map((parent) => keep + parent)];
  return target.forward({
    tokens: [...pending, ...drafts.tokens],
    attend: isChain ? "causal" : { parents },
    rows: Array.from({ length: drafts.tokens.length + 1 }, (_, i) => keep - 1 + i),
    keep,
  });
}

/** Shows the drafts behind slot `last`, commits those on the accepted path, deletes the others, and appends the final token. */
export function showVerdict(edit: Editor, parents: readonly number[], verdict: Verdict, last: SlotId): void {
  const { accepted, drafts, emitted, path } = verdict;
  const slots: SlotId[] = [];
  drafts.forEach((token, i) => {
    const before = slots[i - 1] ?? last;
    const parent = slots[parents[i]] ?? last;
    slots.push(edit.insert(before, token, "draft", undefined, parent === before ? undefined : parent));
  });
  const isAccepted = new Set(path.slice(1).map((row) => row - 1));
  [...isAccepted].forEach((draft, i) => {
    edit.write(slots[draft], drafts[draft], "committed", emitted[i].logprob);
  });
  for (let i = slots.length - 1; i >= 0; i--) if (!isAccepted.has(i)) edit.delete(slots[i]);
  edit.append(emitted[accepted].token, "committed", emitted[accepted].logprob);
}
