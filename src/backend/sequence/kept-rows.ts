import { invariant } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import type { Verdict } from "../../seam/questions/verify.js";
import { type RowInput, tokenOf } from "../../seam/row-input.js";
import { firstDifference, lagOf } from "../../seam/segments.js";
import { endOf, type SetRows } from "../../vocabulary/prompt.js";
import { cutTo, exactly, type Length, type Peekable, plus, plusAccepted } from "./length.js";

/** How many of a forward's rows a result promotes. */
export interface PromotedCount {
  /** Null where the result says. */
  count: number | null;
  /** Logit rows of the forward. */
  numRows: number;
}

/** What the host knows of a sequence's kept rows: how many (perhaps unread), their tokens, how far each of them saw, and which are sets. */
export class KeptRows {
  private current: Length = exactly(0);
  /** Tokens of the slots below `numKnown`. */
  private readonly tokens: Int32Array;
  private numKnown = 0;
  /** Last slot that each kept row saw, when beyond itself; else -1, and always -1 from the length on. */
  private readonly horizons: Int32Array;
  /** Whole ones, in order. */
  private setRows: SetRows[] = [];
  /** The first slot whose row left no state; infinite while all rows leave theirs. */
  firstStateless = Number.POSITIVE_INFINITY;

  constructor(context: number) {
    this.tokens = new Int32Array(context);
    this.horizons = new Int32Array(context).fill(-1);
  }

  /** These rows are those of another sequence, of which there are `length`. */
  copy({ tokens, horizons, numKnown, setRows }: KeptRows, length: number): void {
    this.current = exactly(length);
    this.tokens.set(tokens);
    this.horizons.set(horizons);
    this.numKnown = numKnown;
    this.setRows = [...setRows];
    // What stands beside a session doesn't follow.
    this.firstStateless = 0;
  }

  /** The number of kept rows, or null while it depends on an unread result. */
  known(): number | null {
    return this.current.known();
  }

  /** That number. Throws `InvariantError` while it depends on an unread result. */
  get length(): number {
    const known = this.known();
    invariant(known !== null, "the session's length depends on a result that wasn't read yet; await settle()");
    return known;
  }

  /** Bounds of it. */
  get min(): number {
    return this.current.min;
  }

  get max(): number {
    return this.current.known() ?? this.current.max;
  }

  /** The sets among them. */
  get sets(): readonly SetRows[] {
    return this.setRows;
  }

  /** How far the position of the next row is below its slot. */
  get lag(): number {
    return lagOf(this.setRows);
  }

  /** The rows from slot `start` on are a set: no cut leaves a part of it. */
  addSet(start: number, lengths: readonly number[]): void {
    const set = { start, lengths };
    this.setRows.push(set);
    this.horizons.fill(endOf(set) - 1, set.start, endOf(set));
  }

  /** It was read. */
  found(length: number): void {
    this.current = exactly(length);
  }

  /** The first slot below `length` whose token isn't known. */
  get firstUnknown(): number {
    return this.numKnown;
  }

  /** The token of the slot `firstUnknown` was read. */
  learn(token: TokenId): void {
    this.tokens[this.numKnown++] = token;
  }

  /** These slots hold other tokens now, whose rows have left their states or haven't. */
  overwrite(slots: readonly number[], isStated: boolean): void {
    this.numKnown = Math.min(this.numKnown, ...slots);
    if (!isStated) this.firstStateless = Math.min(this.firstStateless, ...slots);
  }

  /** The first `keep` of these tokens' rows were kept, from slot `base` on where that is known. */
  add(
    tokens: readonly RowInput[],
    keep: number,
    base: number | null,
    horizons: number[] | null,
    isStated: boolean,
  ): void {
    this.lengthen(keep, isStated);
    if (base === null) {
      this.numKnown = Math.min(this.numKnown, this.current.min);
    } else {
      this.numKnown = Math.min(this.numKnown, base);
      for (let i = 0; i < keep; i++) {
        const token = tokenOf(tokens[i]);
        if (typeof token === "number" && this.numKnown === base + i) {
          this.tokens[base + i] = token;
          this.numKnown++;
        }
        this.horizons[base + i] = horizons ? horizons[i] : -1;
      }
    }
    this.current = plus(this.current, keep);
  }

  /** The scratch rows that a result tells of were kept: `count`, or where that is null the accepted drafts of a verdict. */
  addPromoted(verdict: Peekable<Verdict>, { count, numRows }: PromotedCount, isStated: boolean): void {
    const numDrafts = numRows - 1;
    this.lengthen(count ?? numDrafts, isStated);
    this.current = count === null ? plusAccepted(this.current, verdict, numDrafts) : plus(this.current, count);
  }

  /** Where a cut to `length` has to be made, since no kept row may have seen a dropped one. */
  limitOf(length: number): number {
    let limit = Math.max(0, length);
    if (limit < this.max) {
      // Step back over all that reach past the cut.
      for (let slot = limit - 1; slot >= 0; slot--) if (this.horizons[slot] >= limit) limit = slot;
    }
    this.horizons.fill(-1, limit);
    this.setRows = this.setRows.filter(({ start }) => start < limit);
    return limit;
  }

  /** Throws where a row saw beyond itself: such rows can't be cut to a length that isn't known. */
  checkPlain(): void {
    const isPlain = this.horizons.subarray(0, this.max).every((horizon) => horizon < 0);
    invariant(isPlain, "a session of blocks, ranks or sets can only be cut to a length that is known");
  }

  /** Cut to `limit`, or to the length of `other` and `offset` more. */
  cut(limit: number, other: KeptRows | null, offset: number): void {
    this.current = other ? cutTo(this.current, other.current, offset) : cutTo(this.current, exactly(limit), 0);
    this.numKnown = Math.min(this.numKnown, this.current.min);
  }

  /** Rows come behind the kept ones, that have left their states or haven't. */
  private lengthen(count: number, isStated: boolean): void {
    if (count === 0) return;
    if (!isStated) this.firstStateless = Math.min(this.firstStateless, this.current.min);
    else if (this.max <= this.firstStateless) this.firstStateless = Number.POSITIVE_INFINITY;
  }

  /** The length of the longest prefix equal to `ids`, read with the same sets. Every kept token must be known. */
  matching(ids: readonly TokenId[], sets: readonly SetRows[]): number {
    const length = this.max;
    invariant(this.numKnown >= length, "match needs a settled session");
    const most = Math.min(length, firstDifference(this.setRows, sets));
    let equal = 0;
    while (equal < most && equal < ids.length && this.tokens[equal] === ids[equal]) equal++;
    return equal;
  }
}
