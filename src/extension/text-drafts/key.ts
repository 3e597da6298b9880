import type { ExtensionKey } from "../../seam/extension.js";
import type { TokenId } from "../../vocabulary/events.js";
import type { Rows } from "../../seam/rows.js";
import type { Pending, TokenRef } from "../../seam/pending.js";

/** Successors that `TextDrafts` keep of each token. */
export const NUM_SUCCESSORS = 8;

/** How a chain is copied out of a text. */
export interface Copying {
  /** The token behind the session's kept ones. */
  last: TokenId | TokenRef;
  /** Longest sequence to look for. */
  maxNgram: number;
  /** Tokens to copy. */
  count: number;
  /** Where to look, two tokens or more; left out: in the kept tokens and the last themselves. */
  text?: readonly TokenId[];
}

/**
 * Drafts that are made on the device out of what it holds, without a model and before anything of it is read back. They are
 * as many as asked for, even where nothing is known: then they are drafts that can only be lucky.
 */
export interface TextDrafts {
  /**
   * What follows the leftmost of the longest occurrences of the last tokens. Where the text ends it goes on with what was
   * copied; without an occurrence it is the last token again and again.
   */
  copy(copying: Copying): Pending<TokenId[]>;
  /** From now on the successors of each row's token are the row's `NUM_SUCCESSORS` likeliest; of a token that several rows hold, the last row's. */
  learn(rows: Rows): void;
  /** Forgets all successors. */
  forget(): void;
  /**
   * For each path of ranks (of `NUM_SUCCESSORS`, at most 9 on a path) the token at its end, from `last` on by each token's successors; a path ends
   * early where one isn't known.
   */
  follow(last: TokenId | TokenRef, paths: readonly (readonly number[])[]): Pending<TokenId[]>;
}

/** Drafts by a session's tokens. */
export const TEXT_DRAFTS: ExtensionKey<TextDrafts> = { extension: "text-drafts", what: "drafts of texts" };
