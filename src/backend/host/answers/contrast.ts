import { chooseContrast } from "../../../sampling/contrast.js";
import { invariant } from "../../../vocabulary/errors.js";
import { isotropy } from "../../../vocabulary/figures.js";
import type { Pending } from "../../../seam/pending.js";
import type { Candidates, Contrast, Contrasted } from "../../../seam/questions/contrast.js";
import type { Selected } from "../../../seam/questions/sample.js";
import type { Cell } from "../cell.js";
import type { HostRows, PromotedPending } from "../host-rows.js";
import { workedOut } from "../pending.js";
import { HostStates } from "../stores.js";
import { likeliest } from "./top-k.js";

/** A candidate that was taken, and those for the token behind it. */
interface ContrastedPending extends PromotedPending<Contrasted> {
  next: readonly Selected[];
}

/** Compares the rows' laws, which stand for their states, with those of the kept rows. */
export function contrast(rows: HostRows, { sampler, how }: Contrast): Pending<Contrasted> {
  const { alpha, states, candidates, from = 0, k } = how;
  const { flight, list, seen, keep } = rows.origin;
  invariant(states instanceof HostStates, "these states are another model's");
  invariant(keep === 0 && list.length === flight.length, "candidates are all rows of a forward, none of which is kept");
  const offered = candidatesOf(candidates).slice(from, from + list.length);
  const kept = seen(0).filter((cell) => cell !== flight[0]);
  invariant(kept.length > 0, "candidates are compared with kept rows");
  const compared = flight.map((cell, row) => {
    invariant(cell.token === offered[row].token, `row ${row} isn't candidate ${from + row}`);
    return { probability: Math.exp(offered[row].logprob), state: stateOf(cell) };
  });
  const { row, score, squaredSum } = chooseContrast(alpha, compared, kept.map(stateOf));
  const value = { row, ...offered[row], score, isotropy: isotropy(squaredSum, kept.length + 1) };
  const next = likeliest(rows, list[row], { sampler, k });
  const made = rows.pending(value, (word) => next[word].token);
  return Object.assign(made, { rows, promoted: [row], mostUnread: null, next });
}

/** What another result of this model offers. */
function candidatesOf(candidates: Candidates): readonly Selected[] {
  const result = workedOut<Selected[][] | Contrasted>(candidates, "the candidates are");
  return Array.isArray(result.value) ? result.value[0] : (result as ContrastedPending).next;
}

function stateOf({ state }: Cell): Float64Array {
  invariant(state, "a row that is compared has left its state");
  return state;
}
