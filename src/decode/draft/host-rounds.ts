import type { SlotId, TokenId } from "../../events.js";
import type { TokenRef, Verdict } from "../../model/session.js";
import { plainSteps } from "../autoregressive.js";
import type { Editor, Run, Step } from "../decoder.js";
import { scheduleOf } from "./schedule.js";
import { type Draft, type Drafter, type DraftSetup, type DraftSource, NO_DRAFT } from "./source.js";

type Token = TokenId | TokenRef;

/** What a source on the CPU consists of, besides its description. */
export interface HostSource extends Omit<DraftSource, "rounds" | "needs"> {
  /** Likeliest tokens of each verified row that its drafter is taught; left out: none are read back. */
  numTaught?: number;
  open(setup: DraftSetup): Drafter;
}

/** A draft source whose drafter runs on the CPU, on the ids of the canvas. */
export function hostSource({ open, numTaught = 0, ...description }: HostSource): DraftSource {
  return { ...description, needs: () => ({}), rounds: (run) => hostRounds(run, open, numTaught) };
}

/**
 * Each round waits for its verdict, since the next draft follows from the ids: the GPU idles meanwhile. The first round
 * stores the prompt and drafts nothing, so that it may have any length and what is drafted doesn't depend on the cache.
 */
async function* hostRounds(run: Run, open: HostSource["open"], numTaught: number): AsyncGenerator<Step, void, void> {
  const { canvas, target, capabilities, options, sampler } = run;
  const schedule = scheduleOf(options);
  const drafter = open({ options, capabilities, seed: sampler.seed });
  const k = Math.min(numTaught, capabilities.vocabSize);
  for (let isFirst = true; ; isFirst = false) {
    const ids = canvas.ids();
    const numPlain = isFirst ? 0 : Math.min(schedule.skip?.() ?? 0, capabilities.maxLength - ids.length);
    if (numPlain > 0) {
      yield* plainSteps(run, numPlain);
      continue;
    }
    // The final token of the round needs a place too.
    const limit = Math.min(schedule.next(), capabilities.maxLength - ids.length - 1);
    if (limit < 0) return;
    const draft = isFirst || limit === 0 ? NO_DRAFT : drafter.draft(ids, limit);
    const { verdict, top } = verifyDraft(run, ids.slice(target.length), draft, k);
    const [outcome, taught] = await Promise.all([verdict.read(), top?.read()]);
    if (taught) {
      const tokens = [ids[ids.length - 1], ...draft.tokens];
      drafter.learn?.(taught.map((row, i) => ({ token: tokens[i], top: row.map(({ token }) => token) })));
    }
    schedule.observe(draft.tokens.length, outcome.accepted);
    yield run.now((edit) => {
      showVerdict(edit, draft.parents, outcome, canvas.slots()[canvas.length - 1].id);
      run.judged(draft.tokens.length, outcome.accepted);
    });
  }
}

/** Verifies a draft behind the `pending` tokens by shared noise, and has the likeliest `numTaught` tokens of each row listed. */
export function verifyDraft({ target, sampler }: Run, pending: readonly Token[], draft: Draft, numTaught = 0) {
  const keep = pending.length;
  const isChain = draft.parents.every((parent, i) => parent === i - 1);
  const parents = [...pending.map((_, row) => row - 1), ...draft.parents.map((parent) => keep + parent)];
  const rows = target.forward({
    tokens: [...pending, ...draft.tokens],
    attend: isChain ? "causal" : { parents },
    rows: Array.from({ length: draft.tokens.length + 1 }, (_, i) => keep - 1 + i),
    keep,
  });
  const verdict = rows.verify(sampler);
  const top = numTaught > 0 ? rows.topK(numTaught) : null;
  target.keep(verdict);
  return { verdict, top };
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
