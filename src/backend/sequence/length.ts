import type { Verdict } from "../../seam/questions/verify.js";
import type { Pending } from "../../seam/pending.js";

/** A session's length as far as it is known: a number once every result that it depends on has been read. */
export interface Length {
  /** Bounds that hold whatever the unread results turn out to be; they close in as results are read. */
  readonly min: number;
  readonly max: number;
  /** The value, or null while it depends on an unread result. */
  known(): number | null;
}

/** A result that can be looked at without waiting. */
export interface Peekable<T> extends Pending<T> {
  /** The value once read; undefined before. */
  peek(): T | undefined;
}

/** A known length. */
export function exactly(value: number): Length {
  return { min: value, max: value, known: () => value };
}

/** `length` after `count` more kept rows. */
export function plus(length: Length, count: number): Length {
  return new Derived((bound) => map(bound(length), (value) => value + count));
}

/** `length` after the accepted drafts (at most `numDrafts`) of a verdict were kept. */
export function plusAccepted(length: Length, verdict: Peekable<Verdict>, numDrafts: number): Length {
  return new Derived((bound, unread) => {
    const accepted = verdict.peek()?.accepted ?? unread(0, numDrafts);
    return map(accepted, (count) => map(bound(length), (value) => value + count));
  });
}

/** `length` cut to `other + offset`. */
export function cutTo(length: Length, other: Length, offset: number): Length {
  return new Derived((bound) =>
    map(bound(other), (limit) => map(bound(length), (value) => Math.min(value, Math.max(0, limit + offset)))),
  );
}

type Bound = (length: Length) => number | null;
type Unread = (least: number, most: number) => number | null;

function map(value: number | null, change: (value: number) => number | null): number | null {
  return value === null ? null : change(value);
}

/** A length worked out from others; it lets go of them once it is known, or a long run would keep its whole past. */
class Derived implements Length {
  private value: number | null = null;
  private compute: ((bound: Bound, unread: Unread) => number | null) | null;

  constructor(compute: (bound: Bound, unread: Unread) => number | null) {
    this.compute = compute;
    this.known();
  }

  get min(): number {
    return this.bound(
      (length) => length.min,
      (least) => least,
    );
  }

  get max(): number {
    return this.bound(
      (length) => length.max,
      (_, most) => most,
    );
  }

  known(): number | null {
    if (this.value === null && this.compute) {
      this.value = this.compute(
        (length) => length.known(),
        () => null,
      );
      if (this.value !== null) this.compute = null;
    }
    return this.value;
  }

  private bound(of: Bound, unread: Unread): number {
    return this.known() ?? this.compute?.(of, unread) ?? 0;
  }
}
