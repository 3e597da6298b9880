/** Tokens that reached the page at one moment. */
export interface Arrival {
  atMs: number;
  numTokens: number;
}

/** Arrivals this close together are one batch. */
const SAME_BATCH_MS = 1;

/**
 * Decode rate in tokens per second: tokens after the first batch, by the time from the first batch to the last. So a
 * batch of several tokens at the start isn't counted as if it had taken no time. NaN when there was one batch.
 */
export function decodeRate(arrivals: readonly Arrival[]): number {
  const firstMs = arrivals[0]?.atMs ?? 0;
  const later = arrivals.filter(({ atMs }) => atMs - firstMs > SAME_BATCH_MS);
  const lastMs = later.at(-1)?.atMs;
  if (lastMs === undefined) return Number.NaN;
  return (later.reduce((sum, { numTokens }) => sum + numTokens, 0) * 1000) / (lastMs - firstMs);
}
