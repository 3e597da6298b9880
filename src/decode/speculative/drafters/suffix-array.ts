import type { TokenId } from "../../../vocabulary/events.js";

/** Half-open range of ranks. */
export interface RankRange {
  start: number;
  end: number;
}

/** The suffixes of a text, sorted by their first `depth` tokens, then by position. */
export class SuffixArray {
  /** Where the suffix of each rank starts. */
  readonly starts: Uint32Array;

  constructor(
    readonly text: readonly TokenId[],
    readonly depth: number,
  ) {
    // The sort is stable.
    this.starts = Uint32Array.from(text, (_, start) => start).sort((a, b) => this.order(a, b));
  }

  /** The ranks whose suffixes begin with `ids` (at most `depth` of them). */
  find(ids: readonly TokenId[]): RankRange {
    return { start: this.lowest(ids, 0), end: this.lowest(ids, 1) };
  }

  /** The lowest rank whose suffix compares with `ids` at least as `sign`: 0 begins with or is after it, 1 is after. */
  private lowest(ids: readonly TokenId[], sign: 0 | 1): number {
    let low = 0;
    let high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compare(this.starts[middle], ids) >= sign) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private compare(start: number, ids: readonly TokenId[]): number {
    for (let i = 0; i < ids.length; i++) {
      const token = this.text[start + i] ?? -1;
      if (token !== ids[i]) return token < ids[i] ? -1 : 1;
    }
    return 0;
  }

  private order(a: number, b: number): number {
    for (let i = 0; i < this.depth; i++) {
      const difference = (this.text[a + i] ?? -1) - (this.text[b + i] ?? -1);
      if (difference !== 0) return difference;
    }
    return 0;
  }
}
