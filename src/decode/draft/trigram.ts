import { CORPUS_OPTION, checkCorpus, corpusOf } from "./corpus.js";
import { hostSource } from "./host-rounds.js";
import { searchTree } from "./tree-search.js";
import { Trigrams } from "./trigrams.js";

/** ADED (arXiv 2407.12021): tri-grams that learn from the text as it is written, searched for the likeliest tree. */
export const trigram = hostSource({
  name: "trigram",
  label: "Tri-grams (ADED)",
  summary: "A tree found by search over tri-grams of the text and a corpus, updated live",
  isChain: false,
  numTokens: 16,
  authorsTokens: 64,
  options: CORPUS_OPTION,
  check: (options, capabilities) => checkCorpus(options, capabilities, 2),
  open({ options, seed }) {
    const trigrams = new Trigrams(corpusOf(options) ?? []);
    return {
      draft(ids, limit) {
        trigrams.read(ids);
        return searchTree(trigrams, ids, limit, seed);
      },
    };
  },
});
