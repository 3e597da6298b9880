import type { CacheFormat } from "../../../seam/cache-format.js";
import { ceil4 } from "./op.js";

/** Bytes of a cell of `cache.wgsl`, which holds four numbers. */
const CELL_BYTES: Record<CacheFormat, number> = { f32: 16, f16: 8, q8: 4 };

/** How a key or value of one head at one position lies in the cache. */
export interface CachedHead {
  format: CacheFormat;
  /** Cells, and bytes of each. */
  cells: number;
  cellBytes: number;
}

/** A head of `headDim` numbers in a format; q8 has its factor in a cell behind them. */
export function cachedHead(format: CacheFormat, headDim: number): CachedHead {
  return { format, cells: ceil4(headDim) + (format === "q8" ? 1 : 0), cellBytes: CELL_BYTES[format] };
}
