import { InvalidOptionError } from "../vocabulary/errors.js";

/** Bits of a number of keys and values, by how they may be kept. Below 16 the numbers of one head at one position share a factor. */
export const CACHE_FORMATS = { f32: 32, f16: 16, q8: 8 } as const;

/** One of them, by its name. */
export type CacheFormat = keyof typeof CACHE_FORMATS;

/** Throws `InvalidOptionError` for a cache that there isn't. */
export function checkCacheFormat(kvCache: string | undefined): void {
  if (kvCache === undefined || Object.hasOwn(CACHE_FORMATS, kvCache)) return;
  throw new InvalidOptionError(`kvCache must be ${Object.keys(CACHE_FORMATS).join(" or ")}; got ${kvCache}`);
}
