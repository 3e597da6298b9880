import type { Pending } from "../../../seam/pending.js";
import type { Verdict, Verify } from "../../../seam/questions/verify.js";
import type { HostRows } from "../host-rows.js";

/** Follows the drafts that are what is drawn. */
export function verify(rows: HostRows, { sampler }: Pick<Verify, "sampler">): Pending<Verdict> {
  const { flight, list } = rows.origin;
  const drafts = list.slice(1).map((row) => flight[row].token);
  const emitted: Verdict["emitted"] = [];
  const path = [0];
  for (;;) {
    const last = path[path.length - 1];
    const { token, logprob } = rows.select(list[last], sampler, 0);
    emitted.push({ token, logprob });
    const next = list.findIndex((row, i) => i > 0 && rows.parentOf(i) === last && flight[row].token === token);
    if (next < 0) break;
    path.push(next);
  }
  return rows.verdict(drafts, emitted, path);
}
