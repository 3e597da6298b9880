import { SELECT_WORDS } from "../ops/select.js";
import type { ResultLayout } from "./pending.js";
import type { Verdict } from "./session.js";

/** Words before the drafts in a verdict record: accepted, last, previous, number of rows. */
const VERDICT_HEADER = 4;

/** Words of the record of a verification of `numRows` rows. */
export function verdictWords(numRows: number): number {
  return VERDICT_HEADER + numRows - 1 + numRows * 3;
}

/** What promoting an accepted path needs to know of the forward that was verified. */
export interface VerdictContext {
  numRows: number;
  /** Row 0 of the verification is the last row that was kept, as `Session.keep` needs it. */
  keepMatches: boolean;
  /** Word in the inputs ring where the list of logit rows starts. */
  rowsList: number;
  /** The session that was verified and what its `revision` was: scratch rows are gone once it moves on. */
  session: object;
  revision: number;
}

/** A verdict's layout with the facts of its forward. */
export interface VerdictLayout extends ResultLayout<Verdict> {
  context: VerdictContext;
}

/** The record that `verify.wgsl` writes behind the select records. */
export function verdictLayout(context: VerdictContext): VerdictLayout {
  const n = context.numRows;
  const start = n * SELECT_WORDS;
  return {
    context,
    start,
    numWords: verdictWords(n),
    decode(words, floats) {
      const accepted = words[0];
      const emitted = VERDICT_HEADER + n - 1;
      const path = emitted + n * 2;
      return {
        accepted,
        drafts: Array.from(words.subarray(VERDICT_HEADER, emitted)),
        emitted: Array.from({ length: accepted + 1 }, (_, i) => ({
          token: words[emitted + i * 2],
          logprob: floats[emitted + i * 2 + 1],
        })),
        path: Array.from(words.subarray(path, path + accepted + 1)),
      };
    },
    tokenWord: (pick) => start + (pick === "previous" ? 2 : 1),
  };
}
