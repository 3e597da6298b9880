import type { TokenId } from "../../../vocabulary/events.js";

/** n-grams by their first token: the most recent `capacity` for each. */
export class NgramPool {
  private readonly byFirst = new Map<TokenId, (readonly TokenId[])[]>();
  private numRead = 0;

  constructor(
    private readonly size: number,
    private readonly capacity: number,
  ) {}

  /** Adds the n-grams of a text that has grown. */
  read(ids: readonly TokenId[]): void {
    for (let end = Math.max(this.size, this.numRead + 1); end <= ids.length; end++) {
      this.add(ids.slice(end - this.size, end));
    }
    this.numRead = ids.length;
  }

  /** Adds one n-gram, which is the most recent now. */
  add([first, ...rest]: readonly TokenId[]): void {
    const known = this.byFirst.get(first) ?? [];
    const others = known.filter((ngram) => ngram.some((token, i) => token !== rest[i]));
    this.byFirst.set(first, [...others, rest].slice(-this.capacity));
  }

  /** What follows this token in its n-grams, the most recent first. */
  behind(token: TokenId): readonly (readonly TokenId[])[] {
    return [...(this.byFirst.get(token) ?? [])].reverse();
  }
}
