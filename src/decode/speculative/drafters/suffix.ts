import type { TokenId } from "../../../vocabulary/events.js";
import { numberOption } from "../../options.js";
import { CORPUS_OPTION, checkCorpus, corpusOf } from "./corpus.js";
import { hostSource } from "../rounds/host-rounds.js";
import { chainOf, type Draft, type Drafter, NO_DRAFT } from "./source.js";
import { SuffixAutomaton, SuffixMatcher } from "./suffix-automaton.js";

/** The corpus speaks only when it knows this many tokens more than the text itself. */
const LENGTH_BIAS = 5;

/**
 * Copies what followed the first occurrence of the longest suffix that occurred before, in the text itself or in a
 * corpus; a match that is too short drafts nothing. After SAM-Decoding, arXiv 2411.10666.
 */
export const suffix = hostSource({
  name: "suffix",
  label: "Suffix automaton",
  summary: "What followed the longest suffix that occurred before, in the text or a corpus",
  isChain: true,
  numTokens: 10,
  authorsTokens: 40,
  options: {
    ...CORPUS_OPTION,
    min_suffix_length: {
      type: "integer",
      label: "Shortest suffix",
      doc: "Matching tokens that are enough to draft; 2 unless given",
      default: 2,
      min: 1,
    },
  },
  check: (options, capabilities) => checkCorpus(options, capabilities, numberOption(options, "min_suffix_length")),
  open: ({ options }) => new SuffixDrafter(corpusOf(options) ?? [], numberOption(options, "min_suffix_length")),
});

/** Automata of the text and of the corpus, and how far the text matches in each. */
export class SuffixDrafter implements Drafter {
  private readonly own = new SuffixAutomaton();
  private readonly ownMatcher = new SuffixMatcher(this.own);
  private readonly corpus = new SuffixAutomaton();
  private readonly corpusMatcher = new SuffixMatcher(this.corpus);

  constructor(
    corpus: readonly TokenId[],
    private readonly minLength: number,
  ) {
    for (const token of corpus) this.corpus.append(token);
  }

  draft(ids: readonly TokenId[], limit: number): Draft {
    for (let i = this.own.text.length; i < ids.length; i++) {
      // In this order a suffix never matches itself.
      this.ownMatcher.advance(ids[i]);
      this.own.append(ids[i]);
      this.corpusMatcher.advance(ids[i]);
    }
    const own = this.ownMatcher.match;
    const corpus = this.corpusMatcher.match;
    const isOwn = corpus.length <= own.length + LENGTH_BIAS && own.length > 0;
    const { text } = isOwn ? this.own : this.corpus;
    const { length, end } = isOwn ? own : corpus;
    return length < this.minLength ? NO_DRAFT : chainOf(text.slice(end, end + limit));
  }
}
