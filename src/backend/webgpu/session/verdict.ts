import { SELECT_WORDS } from "../ops/selection.js";
import { checkedToken, type TokenMaker } from "./not-finite.js";
import type { PromotedLayout, ScratchRows } from "./promotion.js";
import type { Verdict } from "../../../seam/questions/verify.js";

/** Words of the record of a verification of `numRows` rows: accepted, previous, path; and what is read back. */
export function verdictWords(numRows: number): number {
  return 2 + numRows + readWords(numRows);
}

/** Words that are read back: the token behind the accepted drafts, two of bits, the drafts, and log-probabilities. */
function readWords(numRows: number): number {
  return 3 + numRows - 1 + numRows;
}

/** The part of a record that is read back. Rows on a path are in order, so that bits tell it. */
export function decodeVerdict(words: Uint32Array, numRows: number): Verdict {
  const drafts = Array.from(words.subarray(3, 3 + numRows - 1));
  const logprobs = new Float32Array(words.buffer, words.byteOffset + (3 + numRows - 1) * 4, numRows);
  const isAccepted = (draft: number) => ((words[1 + Math.floor(draft / 32)] >>> (draft % 32)) & 1) === 1;
  const accepted = [...drafts.keys()].filter(isAccepted);
  const tokens = [...accepted.map((draft) => drafts[draft]), words[0]];
  return {
    accepted: accepted.length,
    drafts,
    emitted: tokens.map((token, i) => ({ token, logprob: logprobs[i] })),
    path: [0, ...accepted.map((draft) => draft + 1)],
  };
}

/** What a verdict, and promoting its path, needs to know of the forward that was verified. */
export interface VerdictContext extends ScratchRows {
  /** Row 0 of the verification is the last row that was kept, as `Session.keep` needs it. */
  keepMatches: boolean;
  /** Whose rows were verified, and who gave this draft. */
  maker: TokenMaker;
  drafterOf(draft: number): TokenMaker;
}

/** The record that `verify.wgsl` writes behind the select records. */
export function verdictLayout(context: VerdictContext): PromotedLayout<Verdict> {
  const n = context.numRows;
  const record = n * SELECT_WORDS;
  const start = record + 2 + n;
  return {
    promoted: { ...context, at: record, count: null },
    start,
    numWords: readWords(n),
    decode(words) {
      const verdict = decodeVerdict(words, n);
      for (const [i, draft] of verdict.drafts.entries()) checkedToken(draft, context.drafterOf(i));
      checkedToken(words[0], context.maker);
      return verdict;
    },
    tokenWord: (pick) => (pick === "previous" ? record + 1 : start),
  };
}
