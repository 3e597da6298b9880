import type { Verdict, Verify } from "../../../seam/questions/verify.js";
import type { ForwardRows } from "../session/forward-rows.js";
import type { GpuPending } from "../session/pending.js";
import { verdictLayout, verdictWords } from "../session/verdict.js";

/** Select records, then the verdict's. */
export function verify(rows: ForwardRows, { sampler }: Pick<Verify, "sampler">): GpuPending<Verdict> {
  const n = rows.count;
  const parents = rows.writeParents();
  const layout = verdictLayout(rows.verdictContext());
  return rows.select(sampler, 0, verdictWords(n), layout, (selection) => {
    rows.logitRows.verify.record(rows.smallStep(selection, { parents }), 1);
  });
}
