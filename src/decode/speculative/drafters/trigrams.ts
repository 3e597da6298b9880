import type { TokenId } from "../../../vocabulary/events.js";

const NUM_SUCCESSORS = 12;
const WINDOW = 16;
const BOOST = 0.04;
const MAX_WEIGHT = 3;

/** Successors of a pair of tokens with their weights, in the order in which they were met. */
export type Successors = ReadonlyMap<TokenId, number>;

const NONE: Successors = new Map();

/**
 * Weights of the third token of each tri-gram, after ADED (arXiv 2407.12021): a corpus gives the shares of the 12
 * commonest; then every token of the text adds 0.04 to all tri-grams among the last 16 tokens, up to 3.
 */
export class Trigrams {
  private readonly byPair = new Map<string, Map<TokenId, number>>();
  private numRead = 0;

  constructor(corpus: readonly TokenId[] = []) {
    for (let i = 2; i < corpus.length; i++) this.add(corpus, i, 1, Number.POSITIVE_INFINITY);
    for (const [pair, counts] of this.byPair) {
      const total = [...counts.values()].reduce((a, b) => a + b, 0);
      const commonest = [...counts].sort(([, a], [, b]) => b - a).slice(0, NUM_SUCCESSORS);
      this.byPair.set(pair, new Map(commonest.map(([token, count]) => [token, count / total])));
    }
  }

  /** Reads on in a text that has grown. */
  read(ids: readonly TokenId[]): void {
    for (; this.numRead < ids.length; this.numRead++) {
      const end = this.numRead + 1;
      for (let i = Math.max(2, end - WINDOW + 2); i < end; i++) this.add(ids, i, BOOST, MAX_WEIGHT);
    }
  }

  successors(a: TokenId, b: TokenId): Successors {
    return this.byPair.get(`${a}:${b}`) ?? NONE;
  }

  private add(ids: readonly TokenId[], third: number, amount: number, limit: number): void {
    const pair = `${ids[third - 2]}:${ids[third - 1]}`;
    let successors = this.byPair.get(pair);
    if (!successors) {
      successors = new Map();
      this.byPair.set(pair, successors);
    }
    const weight = (successors.get(ids[third]) ?? 0) + amount;
    // A share of the corpus never exceeds the limit.
    successors.set(ids[third], Math.min(limit, weight));
  }
}
