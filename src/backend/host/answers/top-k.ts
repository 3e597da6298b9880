import type { TokenId } from "../../../vocabulary/events.js";
import type { Pending } from "../../../seam/pending.js";
import type { Selected } from "../../../seam/questions/sample.js";
import type { TopK } from "../../../seam/questions/top-k.js";
import { GREEDY } from "../../../seam/sampler.js";
import type { HostRows } from "../host-rows.js";

/** The likeliest tokens of each row, one behind the other. */
export function topK(rows: HostRows, { k }: TopK): Pending<Selected[][]> {
  const top = rows.origin.list.map((row) => {
    const suppress: TokenId[] = [];
    return Array.from({ length: k }, () => {
      const { token } = rows.select(row, { ...GREEDY, suppress }, 0);
      suppress.push(token);
      const bias = new Map([[token, Number.MAX_VALUE]]);
      return rows.select(row, { ...GREEDY, logitBias: bias }, 0);
    });
  });
  return rows.pending(top, (word) => top[Math.floor(word / k)][word % k].token);
}
