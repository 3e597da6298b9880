import type { Selected } from "../../../seam/questions/sample.js";
import { GREEDY, type Sampler } from "../../../seam/sampler.js";
import { SELECT_WORDS } from "../ops/selection.js";
import type { ForwardRows } from "../session/forward-rows.js";
import type { GpuPending, ResultLayout } from "../session/pending.js";

/** Select records, then k pairs a row. */
export function topK(
  rows: ForwardRows,
  { k, sampler = GREEDY }: { k: number; sampler?: Sampler },
): GpuPending<Selected[][]> {
  const n = rows.count;
  const { select } = rows.logitRows;
  const layout: ResultLayout<Selected[][]> = {
    start: n * SELECT_WORDS,
    numWords: n * k * 2,
    decode: (words, floats) =>
      Array.from({ length: n }, (_, row) =>
        Array.from({ length: k }, (_, j) => {
          const at = (row * k + j) * 2;
          return { token: rows.checked(words[at]), logprob: floats[at + 1] };
        }),
      ),
    tokenWord: (pick) => n * SELECT_WORDS + Number(pick) * 2,
  };
  return rows.enqueue(sampler, 0, n * (SELECT_WORDS + k * 2), layout, (selection) => select.recordTopK(selection, k));
}
