import type { TokenId } from "../../../vocabulary/events.js";
import type { Pending } from "../../../seam/pending.js";
import type { Selected } from "../../../seam/questions/sample.js";
import type { TopK } from "../../../seam/questions/top-k.js";
import { GREEDY } from "../../../seam/sampler.js";
import type { HostRows } from "../host-rows.js";

/** The likeliest tokens of each row, one behind the other. */
export function topK(rows: HostRows, { k, sampler }: TopK): Pending<Selected[][]> {
  const top = rows.origin.list.map((row) => {
    const suppress: TokenId[] = [...sampler.suppress];
    return Array.from({ length: k }, () => {
      const { token } = rows.select(row, { ...GREEDY, suppress }, 0);
      suppress.push(token);
      return { token, logprob: rows.logprobOf(row, sampler, token) };
    });
  });
  return rows.pending(top, (word) => top[Math.floor(word / k)][word % k].token);
}
