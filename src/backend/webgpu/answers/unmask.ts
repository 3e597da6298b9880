import { invariant } from "../../../vocabulary/errors.js";
import type { Unmask, Unmasked } from "../../../seam/questions/unmask.js";
import { floatBits } from "../gpu/queue.js";
import { SELECT_WORDS } from "../ops/selection.js";
import type { ForwardRows } from "../session/forward-rows.js";
import type { GpuPending, ResultLayout } from "../session/pending.js";

const NONE = 0xffffffff;
const ORDERS = { confidence: 0, random: 1, left_to_right: 2 } as const;

/** Select records, then token, log-probability and choice of each row; then the tokens that rows have by then. */
export function unmask(rows: ForwardRows, { sampler, policy }: Unmask): GpuPending<Unmasked> {
  const n = rows.count;
  const layout: ResultLayout<Unmasked> = {
    start: n * SELECT_WORDS,
    numWords: n * 3,
    decode: (words, floats) => ({
      rows: Array.from({ length: n }, (_, i) => ({
        token: rows.checked(words[i * 3]),
        logprob: floats[i * 3 + 1],
        commit: words[i * 3 + 2] === 1,
      })),
    }),
    tokenWord: (pick) => n * (SELECT_WORDS + 3) + Number(pick),
  };
  return rows.select(sampler, 0, n * 4, layout, (selection) => {
    const { threshold } = policy;
    const quota = threshold === undefined ? (policy.quota ?? 1) : 0;
    invariant(quota > 0 || threshold !== undefined, `a quota of ${quota} commits nothing`);
    const logThreshold = threshold !== undefined && threshold > 0 ? Math.log(threshold) : -1e30;
    const step = rows.smallStep(selection, {
      quota,
      logThreshold: floatBits(logThreshold),
      order: ORDERS[policy.order],
      draw: policy.draw,
      maskToken: policy.mask ?? NONE,
    });
    rows.logitRows.unmask.record(step, 1);
  });
}
