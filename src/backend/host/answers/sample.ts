import type { Pending } from "../../../seam/pending.js";
import type { Sample, Selected } from "../../../seam/questions/sample.js";
import type { HostRows } from "../host-rows.js";

/** A token of each row. */
export function sample(rows: HostRows, { sampler, draw }: Pick<Sample, "sampler" | "draw">): Pending<Selected[]> {
  const selected = rows.origin.list.map((row) => rows.select(row, sampler, draw));
  return rows.pending(selected, (word) => selected[word].token);
}
