import { leastResisted } from "../../../sampling/resistance.js";
import type { Pending } from "../../../seam/pending.js";
import type { Resist } from "../../../seam/questions/resist.js";
import type { Selected } from "../../../seam/questions/sample.js";
import type { HostRows } from "../host-rows.js";
import { likeliest } from "./top-k.js";

/** Of each row's likeliest tokens the one that float64 takes. */
export function resist(rows: HostRows, { sampler, how }: Resist): Pending<Selected[]> {
  const { k, resistance } = how;
  const { list, seen } = rows.origin;
  const taken = list.map((row) => {
    const text = seen(row).map(({ token }) => token);
    return leastResisted(likeliest(rows, row, { k, sampler }), text, resistance);
  });
  return rows.pending(taken, (word) => taken[word].token);
}
