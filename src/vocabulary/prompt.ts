import type { Chat } from "./chat.js";
import type { TokenId } from "./events.js";

/** Segments that are read beside one another, in no order: texts, or token ids. */
export interface PromptSet {
  readonly set: readonly (string | readonly TokenId[])[];
}

/** A piece of a prompt. Texts that stand together are one; those of a list hold no marks. */
export type PromptItem = string | TokenId | PromptSet;

/** A prompt that is read as it is written: a text, or a list of texts, token ids and sets. */
export type PlainPrompt = string | readonly PromptItem[];

/** What a run writes on from: a text, a list of texts, token ids and sets, or a chat. */
export type Prompt = PlainPrompt | Chat;

/** A set in a sequence: segments of these lengths, one behind the other, the first of which begins at slot `start`. */
export interface SetRows {
  readonly start: number;
  readonly lengths: readonly number[];
}

/** The slot behind a set. */
export function endOf({ start, lengths }: SetRows): number {
  return start + lengths.reduce((sum, length) => sum + length, 0);
}

/** The same text with each set's segments in order of their ids: of all orders of them this one is computed. */
export function inCanonicalOrder(
  ids: readonly TokenId[],
  sets: readonly SetRows[],
): { ids: TokenId[]; sets: SetRows[] } {
  const ordered = [...ids];
  const canonical = sets.map(({ start, lengths }): SetRows => {
    let end = start;
    const segments = lengths
      .map((length) => {
        end += length;
        return ids.slice(end - length, end);
      })
      .sort(compareIds);
    ordered.splice(start, end - start, ...segments.flat());
    return { start, lengths: segments.map(({ length }) => length) };
  });
  return { ids: ordered, sets: canonical };
}

function compareIds(one: readonly TokenId[], other: readonly TokenId[]): number {
  const at = one.findIndex((id, i) => id !== other[i]);
  if (at < 0) return one.length - other.length;
  return at < other.length ? one[at] - other[at] : 1;
}
