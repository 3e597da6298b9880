import type { TokenId } from "../vocabulary/events.js";
import type { Attend } from "../seam/forward.js";
import type { TokenRef } from "../seam/pending.js";
import type { Session } from "../seam/session.js";

/** A causal prompt with more tokens is stored by itself, not together with the first drafts. */
const LONG_PROMPT = 256;
/** Rows of a prompt of blocks, or of one that a head reads along, that are stored at a time. */
export const PIECE_ROWS = 256;

/**
 * Stores all but the last token of a long prompt, or of one that a forward has no `room` for, and returns what is left to read: a
 * forward whose rows are all kept is cut into several, one with drafts behind them isn't.
 */
export function storeLongPrompt(
  target: Session,
  tokens: (TokenId | TokenRef)[],
  room = LONG_PROMPT,
): (TokenId | TokenRef)[] {
  if (tokens.length <= Math.min(LONG_PROMPT, room)) return tokens;
  const keep = tokens.length - 1;
  target.forward({ tokens: tokens.slice(0, keep), attend: "causal", rows: [], keep });
  return tokens.slice(keep);
}

/**
 * Stores whole blocks of `ids` behind what a settled session holds, as long as more than a piece is missing up to `end`, a
 * block's beginning: what is read in one forward is limited.
 */
export function storeBlocks(
  session: Session,
  ids: readonly (TokenId | TokenRef)[],
  blocks: StoredBlocks,
  end: number,
): void {
  const { stored, offset } = blocks;
  while (end - session.length > PIECE_ROWS) {
    const { length } = session;
    const keep = Math.ceil(PIECE_ROWS / stored) * stored + (length === 0 ? offset : 0);
    const attend = blocks.attend(length, { start: length + keep, end: length + keep });
    session.forward({ tokens: ids.slice(length, length + keep), attend, rows: [], keep });
  }
}

/** How finished text falls into blocks, as in `BlockPlan`. */
export interface StoredBlocks {
  readonly stored: number;
  readonly offset: number;
  attend(from: number, span: { start: number; end: number }): Attend;
}
