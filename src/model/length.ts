import type { Pending, Verdict } from "./session.js";

/** A session's length as far as it is known: a number once every result that it depends on has been read. */
export interface Length {
  /** Bounds that hold whatever the unread results turn out to be. */
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
  const value = length.known();
  if (value !== null) return exactly(value + count);
  return {
    min: length.min + count,
    max: length.max + count,
    known: memo(() => {
      const before = length.known();
      return before === null ? null : before + count;
    }),
  };
}

/** `length` after the accepted drafts (at most `numDrafts`) of a verdict were kept. */
export function plusAccepted(length: Length, verdict: Peekable<Verdict>, numDrafts: number): Length {
  return {
    min: length.min,
    max: length.max + numDrafts,
    known: memo(() => {
      const before = length.known();
      const accepted = verdict.peek()?.accepted;
      return before === null || accepted === undefined ? null : before + accepted;
    }),
  };
}

/** `length` cut to `other + offset`. */
export function cutTo(length: Length, other: Length, offset: number): Length {
  const bound = (x: number) => Math.max(0, x + offset);
  return {
    min: Math.min(length.min, bound(other.min)),
    max: Math.min(length.max, bound(other.max)),
    known: memo(() => {
      const own = length.known();
      const limit = other.known();
      return own === null || limit === null ? null : Math.min(own, bound(limit));
    }),
  };
}

function memo(compute: () => number | null): () => number | null {
  let value: number | null = null;
  return () => {
    value ??= compute();
    return value;
  };
}
