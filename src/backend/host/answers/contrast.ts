import { chooseContrast } from "../../../sampling/contrast.js";
import { invariant } from "../../../vocabulary/errors.js";
import { isotropy } from "../../../vocabulary/figures.js";
import type { Pending } from "../../../seam/pending.js";
import type { Candidates, Contrast, Contrasted } from "../../../seam/questions/contrast.js";
import type { Selected } from "../../../seam/questions/sample.js";
import type { Cell } from "../cell.js";
import type { HostRows, PromotedPending } from "../host-rows.js";
import { MockPending } from "../pending.js";
import { MockStates } from "../stores.js";
import { topK } from "./top-k.js";

/** A candidate that was taken, and those for the token behind it. */
interface ContrastedPending extends PromotedPending<Contrasted> {
  next: readonly Selected[];
}

/** Compares the rows' laws, which stand for their states, with those of the kept rows. */
export function contrast(rows: HostRows, { sampler, how }: Contrast): Pending<Contrasted> {
  const { alpha, states, candidates, from = 0, k } = how;
  const { flight, list, seen, keep } = rows.origin;
  invariant(states instanceof MockStates, "these states are another model's");
  invariant(keep === 0 && list.length === flight.length, "candidates are all rows of a forward, none of which is kept");
  const offered = candidatesOf(candidates).slice(from, from + list.length);
  const kept = seen[0].filter((cell) => cell !== flight[0]);
  invariant(kept.length > 0 && states.length === kept.length, `states of ${states.length} rows of ${kept.length}`);
  const compared = flight.map((cell, row) => {
    invariant(cell.token === offered[row].token, `row ${row} isn't candidate ${from + row}`);
    return { probability: Math.exp(offered[row].logprob), state: stateOf(cell) };
  });
  const { row, score, squaredSum } = chooseContrast(alpha, compared, kept.map(stateOf));
  const value = { row, ...offered[row], score, isotropy: isotropy(squaredSum, kept.length + 1) };
  const next = (topK(rows, { kind: "topK", sampler, k }) as MockPending<Selected[][]>).value[row];
  const made = rows.pending(value, (word) => next[word].token);
  return Object.assign(made, { rows, promoted: [row], mostUnread: null, next });
}

/** What another result of this model offers. */
function candidatesOf(candidates: Candidates): readonly Selected[] {
  invariant(candidates instanceof MockPending, "the candidates are another model's");
  const { value } = candidates as MockPending<Selected[][] | Contrasted>;
  return Array.isArray(value) ? value[0] : (candidates as unknown as ContrastedPending).next;
}

function stateOf({ state }: Cell): Float64Array {
  invariant(state, "a row that is compared has left its state");
  return state;
}
