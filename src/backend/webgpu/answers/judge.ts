import { invariant } from "../../../vocabulary/errors.js";
import type { Judge, Judging } from "../../../seam/questions/judge.js";
import type { Verdict } from "../../../seam/questions/verify.js";
import type { Sampler } from "../../../seam/sampler.js";
import { floatBits } from "../gpu/queue.js";
import { SELECT_WORDS } from "../ops/selection.js";
import type { ForwardRows } from "../session/forward-rows.js";
import type { GpuPending } from "../session/pending.js";
import { verdictLayout, verdictWords } from "../session/verdict.js";
import { storeOf } from "./stored-laws.js";
import { verify } from "./verify.js";

/** The target's laws, then what a rule makes of them. */
export function judge(rows: ForwardRows, { sampler, judging }: Judge): GpuPending<Verdict> {
  const n = rows.count;
  if (judging.rule === "bild") return judgeBild(rows, sampler, judging);
  const { rule, laws } = judging;
  const store = storeOf(laws);
  invariant(store.vocab === rows.sequence.model.capabilities.vocabSize, "these laws are of another vocabulary");
  invariant(n <= store.numDrafts + 1, `${n - 1} drafts of at most ${store.numDrafts}`);
  const isChain = !rows.origin.parents && store.numChains === 1;
  invariant(isChain || (rule !== "rejection" && rule !== "block"), `${rule} judges one chain`);
  if (sampler.temperature === 0 || n === 1) return verify(rows, { sampler });
  const { logitRows } = rows;
  const parents = rows.writeParents();
  const limits =
    judging.rule === "typical"
      ? { threshold: floatBits(judging.threshold), alpha: floatBits(judging.alpha) }
      : undefined;
  const layout = verdictLayout(rows.verdictContext());
  return rows.enqueue(sampler, 0, n * SELECT_WORDS + verdictWords(n), layout, (selection) => {
    logitRows.select.record(selection, { laws: { table: store.target, at: 0 } });
    logitRows.judgeOf(rule, store).record({ ...rows.stepFields(selection), ...limits, parents }, n);
  });
}

function judgeBild(
  rows: ForwardRows,
  sampler: Sampler,
  { drafts, ...limits }: Judging & { rule: "bild" },
): GpuPending<Verdict> {
  const n = rows.count;
  invariant(sampler.temperature === 0 && !rows.origin.parents, "Big Little Decoder judges greedy chains");
  invariant(drafts.length === n - 1, `${drafts.length} drafts for ${n} rows`);
  // A select record holds the log-probability behind the token.
  const sureness = drafts.map((draft) => draft.ref(0).word + 1);
  const parents = rows.writeParents(sureness);
  const layout = verdictLayout(rows.verdictContext());
  return rows.select(sampler, 0, verdictWords(n), layout, (selection) => {
    const { fallback, rollback } = limits;
    const logThreshold = floatBits(fallback > 0 ? Math.log(fallback) : -1e30);
    const fields = { ...rows.stepFields(selection), parents, logThreshold, threshold: floatBits(rollback) };
    rows.logitRows.bildJudge(limits.isLiteral).record(fields, n);
  });
}
