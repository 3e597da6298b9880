import type { Resist } from "../../../seam/questions/resist.js";
import type { Selected } from "../../../seam/questions/sample.js";
import { SELECT_WORDS } from "../ops/selection.js";
import type { ForwardRows } from "../session/forward-rows.js";
import type { GpuPending } from "../session/pending.js";

/** Stands for infinite resistance, as in `resist.wgsl`. */
const NEVER = 1e30;

/** Select records, whose tokens become those that are taken, then the candidates: k pairs a row. */
export function resist(rows: ForwardRows, { sampler, how }: Resist): GpuPending<Selected[]> {
  const { k, resistance } = how;
  const n = rows.count;
  rows.checkHistory();
  const { inputs } = rows.sequence.model.gpu.queue;
  const parents = inputs.reserve(resistance.length);
  for (let i = 0; i < resistance.length; i++) inputs.setFloat(parents + i, Math.min(NEVER, resistance[i]));
  return rows.enqueue(sampler, 0, n * (SELECT_WORDS + k * 2), rows.selectedLayout(), (selection) => {
    const { select, resist: op } = rows.logitRows;
    select.recordTopK(selection, k);
    op.recordGroups(rows.smallStep(selection, { k, parents, depth: resistance.length - 1 }), n);
  });
}
