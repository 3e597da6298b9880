import type { Sample, Selected } from "../../../seam/questions/sample.js";
import type { ForwardRows } from "../session/forward-rows.js";
import type { GpuPending } from "../session/pending.js";

/** One record a row. */
export function sample(rows: ForwardRows, { sampler, draw }: Sample): GpuPending<Selected[]> {
  return rows.select(sampler, draw, 0, rows.selectedLayout());
}
