import type { TokenId } from "../vocabulary/events.js";
import type { Tokenizer } from "./tokenizer.js";

/** An id that stands for another token in each of two vocabularies. */
export interface TokenDifference {
  id: TokenId;
  own: string;
  other: string;
}

/** How the ids of two tokenizers go together. Ids that stand for no token, as those that pad an embedding, count for nothing. */
export interface VocabularyComparison {
  /** Ids that stand for the same token in both. */
  numShared: number;
  /** Ids that stand for another token in each: text of one model's ids is other text to the other. */
  numDifferent: number;
  /** Ids that stand for a token in the first alone, and in the second alone, as a diffusion model's mask. */
  numOwnOnly: number;
  numOtherOnly: number;
  /** The first few that differ. */
  examples: TokenDifference[];
}

const MAX_EXAMPLES = 5;

/** Compares what two tokenizers' ids stand for, id by id. */
export function compareVocabularies(own: Tokenizer, other: Tokenizer): VocabularyComparison {
  const found: VocabularyComparison = { numShared: 0, numDifferent: 0, numOwnOnly: 0, numOtherOnly: 0, examples: [] };
  const end = Math.max(own.vocabSize, other.vocabSize);
  for (let id = 0; id < end; id++) {
    const [mine, theirs] = [own.token(id), other.token(id)];
    if (mine === theirs) found.numShared += mine === undefined ? 0 : 1;
    else if (theirs === undefined) found.numOwnOnly++;
    else if (mine === undefined) found.numOtherOnly++;
    else {
      found.numDifferent++;
      if (found.examples.length < MAX_EXAMPLES) found.examples.push({ id, own: mine, other: theirs });
    }
  }
  return found;
}

/** What differs, in words: how many ids, and the first of them. Empty where one model's ids can be the other's. */
export function differenceOf({ numShared, numDifferent, examples }: VocabularyComparison): string {
  if (numDifferent === 0) return "";
  const first = examples.map(({ id, own, other }) => `${id} for ${JSON.stringify(other)}, not ${JSON.stringify(own)}`);
  const few = first.slice(0, 3).join("; ");
  return `of ${numShared + numDifferent} ids that both have, ${numDifferent} stand for others: ${few}${numDifferent > 3 ? "; …" : ""}`;
}
