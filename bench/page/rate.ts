import { tokensPerSecond } from "../../src/vocabulary/figures.js";

/** Tokens that reached the page at one moment. */
export interface Arrival {
  atMs: number;
  numTokens: number;
}

/** Arrivals this close together are one batch. */
const SAME_BATCH_MS = 1;

/** Decode rate as every figure has it (`tokensPerSecond`), where a batch is a step; the run began at `startMs`. NaN without tokens. */
export function decodeRate(arrivals: readonly Arrival[], startMs: number): number {
  if (arrivals.length === 0) return Number.NaN;
  const sum = (some: readonly Arrival[]) => some.reduce((total, { numTokens }) => total + numTokens, 0);
  const [{ atMs: firstMs }] = arrivals;
  const first = arrivals.filter(({ atMs }) => atMs - firstMs <= SAME_BATCH_MS);
  const last = { tokens: sum(arrivals), atMs: arrivals[arrivals.length - 1].atMs - startMs };
  return tokensPerSecond({ tokens: sum(first), atMs: firstMs - startMs }, last) ?? Number.NaN;
}
