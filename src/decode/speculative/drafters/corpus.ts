import { InvalidOptionError } from "../../../vocabulary/errors.js";
import type { TokenId } from "../../../vocabulary/events.js";
import type { Capabilities } from "../../../seam/capabilities.js";
import type { OptionTable, OptionValues } from "../../options.js";

/** The option of the sources that can draft from a text of the user's. */
export const CORPUS_OPTION = {
  corpus: {
    type: "ids",
    label: "Corpus",
    doc: "A text to draft from beside the prompt: passages that the output may repeat",
    default: null,
  },
} as const satisfies OptionTable;

/** The corpus as token ids; null when none is given. */
export function corpusOf({ corpus }: OptionValues): readonly TokenId[] | null {
  return (corpus ?? null) as readonly TokenId[] | null;
}

/**
 * Throws when there is a corpus and it holds no token, or one that isn't the model's, or too few for a match of
 * `shortestMatch` tokens and one behind it.
 */
export function checkCorpus(options: OptionValues, { vocabSize }: Capabilities, shortestMatch: number): void {
  const corpus = corpusOf(options);
  if (!corpus) return;
  if (corpus.length === 0) {
    throw new InvalidOptionError("The corpus is empty. Give a text that has at least one token, or leave corpus out.");
  }
  const foreign = corpus.findIndex((id) => id >= vocabSize);
  if (foreign >= 0) {
    throw new InvalidOptionError(
      `corpus[${foreign}]: id ${corpus[foreign]} is outside the vocabulary, 0 to ${vocabSize - 1}.`,
      "bad_token",
    );
  }
  if (corpus.length > shortestMatch) return;
  throw new InvalidOptionError(
    `The corpus has ${corpus.length} tokens, and is drafted from behind matches of ${shortestMatch} or more: give a longer text, or leave corpus out.`,
  );
}
