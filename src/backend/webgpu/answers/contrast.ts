import type { Contrast, Contrasted } from "../../../seam/questions/contrast.js";
import { invariant } from "../../../vocabulary/errors.js";
import { isotropy } from "../../../vocabulary/figures.js";
import { floatBits } from "../gpu/queue.js";
import { SELECT_WORDS } from "../ops/selection.js";
import type { ForwardRows } from "../session/forward-rows.js";
import { GpuPending } from "../session/pending.js";
import type { PromotedLayout } from "../session/promotion.js";
import { StateStore } from "../session/state-store.js";

/** Words of the record: of a promotion 3, then what is read back. */
const PROMOTED_WORDS = 3;
const READ_WORDS = 5;

/** Select records, the likeliest tokens behind each row, the candidate that was taken, the likeliest tokens behind it. */
export function contrast(rows: ForwardRows, { sampler, how }: Contrast): GpuPending<Contrasted> {
  const { alpha, states, candidates, from = 0, k } = how;
  const { sequence, count: n, origin } = rows;
  invariant(states instanceof StateStore && states.isOf(sequence), "these states are another session's");
  invariant(candidates instanceof GpuPending, "the candidates are another device's");
  candidates.checkAlive();
  const length = origin.maxKeys - origin.tokens.length;
  invariant(length > 0 && states.length === length, `states of ${states.length} rows of ${length}`);
  const areSiblings = origin.keep === 0 && n === origin.tokens.length;
  invariant(areSiblings, "candidates are all rows of a forward, none of which is kept");
  const record = n * (SELECT_WORDS + k * 2);
  const layout: PromotedLayout<Contrasted> = {
    promoted: { ...rows.scratch(), at: record, count: 1, keepMatches: true },
    start: record + PROMOTED_WORDS,
    numWords: READ_WORDS,
    decode: (words, floats) => ({
      row: words[0],
      token: rows.checked(words[1]),
      logprob: floats[2],
      score: floats[3],
      isotropy: isotropy(floats[4], length + 1),
    }),
    tokenWord: (pick) => record + PROMOTED_WORDS + READ_WORDS + Number(pick) * 2,
  };
  const numWords = record + PROMOTED_WORDS + READ_WORDS + k * 2;
  const parents = candidates.ref(from).word;
  return rows.enqueue(sampler, 0, numWords, layout, (selection) => {
    rows.logitRows.select.recordTopK(selection, k);
    states.table.contrast({ ...rows.stepFields(selection), numRows: n, k, parents, alpha: floatBits(alpha) }, length);
  });
}
