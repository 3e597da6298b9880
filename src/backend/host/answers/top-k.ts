import { invariant } from "../../../vocabulary/errors.js";
import type { Pending } from "../../../seam/pending.js";
import type { Selected } from "../../../seam/questions/sample.js";
import type { TopK } from "../../../seam/questions/top-k.js";
import { largest, untempered } from "../../../sampling/processors.js";
import type { HostRows } from "../host-rows.js";

/** The likeliest tokens of each row, one behind the other. */
export function topK(rows: HostRows, how: Pick<TopK, "k" | "sampler">): Pending<Selected[][]> {
  const top = rows.origin.list.map((row) => likeliest(rows, row, how));
  return rows.pending(top, (word) => top[Math.floor(word / how.k)][word % how.k].token);
}

/** Those of one forward row. */
export function likeliest(rows: HostRows, row: number, { k, sampler }: Pick<TopK, "k" | "sampler">): Selected[] {
  const logits = rows.logitsOf(row).slice();
  for (const id of sampler.suppress) logits[id] = Number.NEGATIVE_INFINITY;
  const tokens = largest(logits, k);
  invariant(tokens.length === k, "no token is left to choose from");
  const law = untempered(logits, []);
  return tokens.map((token) => ({ token, logprob: Math.log(law[token]) }));
}
