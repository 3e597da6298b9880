import type { Race } from "../../../seam/questions/race.js";
import type { TokenId } from "../../../vocabulary/events.js";
import { SELECT_WORDS } from "../ops/selection.js";
import type { ForwardRows } from "../session/forward-rows.js";
import type { GpuPending, ResultLayout } from "../session/pending.js";

/** Select records, then k pairs a row. */
export function race(rows: ForwardRows, { sampler, k }: Race): GpuPending<TokenId[][]> {
  const n = rows.count;
  const { select } = rows.logitRows;
  const layout: ResultLayout<TokenId[][]> = {
    start: n * SELECT_WORDS,
    numWords: n * k * 2,
    decode: (words) =>
      Array.from({ length: n }, (_, row) =>
        Array.from({ length: k }, (_, j) => rows.checked(words[(row * k + j) * 2])),
      ),
    tokenWord: (pick) => n * SELECT_WORDS + Number(pick) * 2,
  };
  return rows.enqueue(sampler, 0, n * (SELECT_WORDS + k * 2), layout, (selection) => select.recordRace(selection, k));
}
