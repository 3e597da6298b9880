import { InvalidOptionError } from "../../../vocabulary/errors.js";
import type { TokenId } from "../../../vocabulary/events.js";
import { CORPUS_OPTION, checkCorpus, corpusOf } from "./corpus.js";
import { DraftTree } from "./draft-tree.js";
import { hostSource } from "../rounds/host-rounds.js";
import { type Draft, NO_DRAFT } from "./source.js";
import { SuffixArray } from "./suffix-array.js";

const LONGEST_SPAN = 16;
const SHORTEST_SPAN = 2;
const MAX_MATCHES = 5000;
const CONTINUATION = 10;

/**
 * What follows the longest matching suffix in a corpus: the commonest beginnings of all continuations, as a tree. REST,
 * arXiv 2311.08252: spans of 16 down to 2 tokens, 5,000 matches at most, 10 tokens of each.
 */
export const retrieval = hostSource({
  name: "retrieval",
  label: "Retrieval",
  summary: "A tree of what follows the last tokens in a corpus, the commonest first",
  isChain: false,
  numTokens: 16,
  authorsTokens: 64,
  options: CORPUS_OPTION,
  check(options, capabilities) {
    checkCorpus(options, capabilities, SHORTEST_SPAN);
    if (corpusOf(options) || options.num_assistant_tokens === 0) return;
    throw new InvalidOptionError("The drafter retrieval drafts from a corpus. Give the option corpus.");
  },
  open({ options }) {
    const corpus = new SuffixArray(corpusOf(options) ?? [], LONGEST_SPAN);
    return { draft: (ids, limit) => retrieve(corpus, ids, limit) };
  },
});

/** The tree for what comes behind `ids`. */
export function retrieve(corpus: SuffixArray, ids: readonly TokenId[], limit: number): Draft {
  for (let span = Math.min(LONGEST_SPAN, ids.length); span >= SHORTEST_SPAN; span--) {
    const { start, end } = corpus.find(ids.slice(-span));
    const last = Math.min(end, start + MAX_MATCHES);
    const continuations: (readonly TokenId[])[] = [];
    for (let rank = start; rank < last; rank++) {
      const from = corpus.starts[rank] + span;
      if (from < corpus.text.length) continuations.push(corpus.text.slice(from, from + CONTINUATION));
    }
    if (continuations.length > 0) return commonest(continuations, limit);
  }
  return NO_DRAFT;
}

/** The `limit` commonest beginnings; the commoner, then the earlier found, come first. */
function commonest(continuations: readonly (readonly TokenId[])[], limit: number): Draft {
  const all = new DraftTree(Number.POSITIVE_INFINITY);
  const counts: number[] = [];
  for (const tokens of continuations) {
    let node = -1;
    for (const token of tokens) {
      node = all.add(node, token);
      counts[node] = (counts[node] ?? 0) + 1;
    }
  }
  // A beginning is at least as common as what it begins and was found before it: the best ones have their parents.
  const best = [...counts.keys()].sort((a, b) => counts[b] - counts[a] || a - b).slice(0, limit);
  const place = new Map(best.map((node, i) => [node, i]));
  return {
    tokens: best.map((node) => all.tokens[node]),
    parents: best.map((node) => place.get(all.parents[node]) ?? -1),
  };
}
