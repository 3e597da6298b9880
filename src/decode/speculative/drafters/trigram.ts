import { InvalidOptionError } from "../../../vocabulary/errors.js";
import { CORPUS_OPTION, checkCorpus, corpusOf } from "./corpus.js";
import { hostSource } from "../rounds/host-rounds.js";
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
  options: {
    ...CORPUS_OPTION,
    trigram_update: {
      type: "enum",
      label: "Update",
      doc: "live: tri-grams of the text gain weight as it is written; off: the corpus alone is searched",
      values: ["live", "off"],
      default: "live",
    },
  },
  check(options, capabilities) {
    checkCorpus(options, capabilities, 2);
    if (options.trigram_update === "live" || corpusOf(options) || options.num_assistant_tokens === 0) return;
    throw new InvalidOptionError(
      "trigram_update off leaves the drafter trigram its corpus to search, and there is none: give the option corpus, or leave trigram_update out.",
    );
  },
  open({ options, seed }) {
    const trigrams = new Trigrams(corpusOf(options) ?? []);
    return {
      draft(ids, limit) {
        if (options.trigram_update === "live") trigrams.read(ids);
        return searchTree(trigrams, ids, limit, seed);
      },
    };
  },
});
