import { invariant } from "../../../vocabulary/errors.js";
import type { Draft } from "../../../seam/questions/draft.js";
import type { Selected } from "../../../seam/questions/sample.js";
import { PURPOSE } from "../../../sampling/noise.js";
import { SELECT_WORDS } from "../ops/selection.js";
import type { ForwardRows } from "../session/forward-rows.js";
import type { GpuPending } from "../session/pending.js";
import { storeOf } from "./stored-laws.js";

/** Draws drafts and keeps their laws. */
export function draft(rows: ForwardRows, { sampler, laws, depth }: Draft): GpuPending<Selected[]> {
  const store = storeOf(laws);
  const { numChains, numDrafts } = store;
  const at = depth * numChains;
  invariant(rows.count === numChains && at < numDrafts, `depth ${depth} of ${numDrafts} drafts, ${numChains} at once`);
  // A law of one token needs no judge: verification of equal tokens is the same rule.
  if (sampler.temperature === 0) return rows.select(sampler, 0, 0, rows.selectedLayout());
  const words = numChains * SELECT_WORDS;
  return rows.enqueue(sampler, 0, words, rows.selectedLayout(), (selection) => {
    const drafted = { ...selection, purpose: PURPOSE.draft, depth };
    const { select } = rows.logitRows;
    select.record(drafted, { laws: { table: store.draft, at } });
    if (store.isDistinct && depth === 0) select.recordDistinct(drafted, store.draft);
  });
}
