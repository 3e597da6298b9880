import type { TokenId } from "../../../vocabulary/events.js";
import type { Pending } from "../../../seam/pending.js";
import type { Race } from "../../../seam/questions/race.js";
import type { HostRows } from "../host-rows.js";

/** What each row draws, then what it would draw without that. */
export function race(rows: HostRows, { sampler, k }: Race): Pending<TokenId[][]> {
  const plain = { ...sampler, repetitionPenalty: 1, topK: 0, topP: 1, minP: 0 };
  const first = rows.origin.list.map((row) => {
    const suppress = [...sampler.suppress];
    for (let i = 0; i < k; i++) suppress.push(rows.select(row, { ...plain, suppress }, 0).token);
    return suppress.slice(-k);
  });
  return rows.pending(first, (word) => first[Math.floor(word / k)][word % k]);
}
