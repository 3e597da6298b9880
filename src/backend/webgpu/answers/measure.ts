import { invariant } from "../../../vocabulary/errors.js";
import type { TokenId } from "../../../vocabulary/events.js";
import type { Measure, Measured } from "../../../seam/questions/measure.js";
import type { Selected } from "../../../seam/questions/sample.js";
import { RowMemoryStore } from "../ops/row-memory.js";
import { MEASURED_WORDS, SELECT_WORDS, SELECTED_WORDS, type Selection } from "../ops/selection.js";
import type { ForwardRows } from "../session/forward-rows.js";
import type { GpuPending, ResultLayout } from "../session/pending.js";

/** Stands for no token's logit where a law has one token. */
const NO_LOGIT = -1e29;
/** The sampling of a selection that only asks for the likeliest token. */
const UNFILTERED = { temperature: 0, penalty: 1 };

/** Draws, measures, and keeps what a memory is for. */
export function measure(rows: ForwardRows, { sampler, how }: Measure): GpuPending<Measured[]> {
  const { memory, draw = 0, given } = how;
  const n = rows.count;
  const { logitRows } = rows;
  const { model } = rows.sequence;
  const { of: store = null, positions = [] } = memory ?? {};
  invariant(
    !store || (store instanceof RowMemoryStore && store.vocab === model.capabilities.vocabSize),
    "this memory is of another device or vocabulary",
  );
  invariant(!store || positions.length === n, `${positions.length} positions for ${n} rows`);
  const known = store?.place(positions);
  const keepsLaw = store?.rule.keeps === "law";
  invariant(!given || given.length === n, `${given?.length} given tokens for ${n} rows`);
  const layout = measuredLayout(
    rows.selectedLayout(),
    n,
    (row) => keepsLaw && known?.isKnown[row] === true,
    given !== undefined,
  );
  const words = n * (SELECT_WORDS + MEASURED_WORDS);
  return rows.enqueue(sampler, draw, words + (given ? n : 0), layout, (selection) => {
    if (store && known && !keepsLaw) {
      logitRows.select.record({ ...selection, ...UNFILTERED }, { isMeasured: true });
      store.record(logitRows.memoryOps(store), rows.stepFields(selection), known.at);
    }
    logitRows.select.record(selection, { isMeasured: true });
    if (store && known && keepsLaw) store.record(logitRows.memoryOps(store), rows.stepFields(selection), known.at);
    if (given) scoreGiven(rows, selection, given, selection.result + words);
  });
}

/** Writes each row's log-probability of its given token, from word `to` of the results on. */
function scoreGiven(rows: ForwardRows, selection: Selection, given: readonly TokenId[], to: number): void {
  const { logitRows } = rows;
  const { model } = rows.sequence;
  const { inputs } = model.gpu.queue;
  const parents = inputs.reserve(given.length);
  for (const [i, token] of given.entries()) inputs.setWord(parents + i, token);
  const step = rows.smallStep(selection, { parents, k: to, vocab: model.capabilities.vocabSize });
  logitRows.scoreGiven.record(step, given.length);
}

/** Select records, then the measured ones, then what was asked for given tokens; `hasDivergence` by row. */
function measuredLayout(
  selected: ResultLayout<Selected[]>,
  numRows: number,
  hasDivergence: (row: number) => boolean,
  hasGiven: boolean,
): ResultLayout<Measured[]> {
  return {
    ...selected,
    numWords: numRows * (SELECT_WORDS + MEASURED_WORDS + (hasGiven ? 1 : 0)),
    decode: (words, floats) =>
      selected.decode(words, floats).map((own, row) => {
        const at = numRows * SELECT_WORDS + row * MEASURED_WORDS;
        const second = floats[at + 2];
        return {
          ...own,
          entropy: floats[numRows * SELECTED_WORDS + row * 2],
          top: { token: words[at], logprob: floats[at + 1] },
          secondLogprob: second < NO_LOGIT ? Number.NEGATIVE_INFINITY : second,
          divergence: hasDivergence(row) ? floats[at + 3] : null,
          given: hasGiven ? floats[numRows * (SELECT_WORDS + MEASURED_WORDS) + row] : null,
        };
      }),
  };
}
