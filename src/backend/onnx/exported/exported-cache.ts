import { invariant } from "../../../vocabulary/errors.js";
import type { CacheRows, RowCache } from "../graph-run.js";
import type { PastValue } from "./graph-shape.js";

/** Numbers as the runtime gives them: of 32 bits, or the bits of 16. */
export type Numbers = Float32Array | Uint16Array;

/** Rows of a forward with all rows before them, as the graph gives them: `[heads, past + count, size]` of each of its past inputs. */
export interface ExportedRows extends CacheRows {
  past: number;
  arrays: readonly Numbers[];
}

/**
 * Keys and values of a sequence's rows as an exported graph lays them out, head by head. What a forward gives is taken over as it is, so
 * that the usual next forward copies nothing; rows that weren't kept are left out when it is fed the next time. Arrays are never changed.
 */
export class ExportedCache implements RowCache {
  length = 0;
  /** Rows in its arrays, of which the first `length` count. */
  private stride = 0;

  constructor(
    private readonly values: readonly PastValue[],
    private arrays: readonly Numbers[] = values.map(({ type }) => emptyOf(type)),
  ) {}

  /** Its rows alone, an array for each past input. */
  fed(): readonly Numbers[] {
    const { length, stride, values } = this;
    if (length < stride) {
      this.arrays = this.arrays.map((array, i) => firstRows(array, values[i], { stride, length }));
      this.stride = length;
    }
    return this.arrays;
  }

  append({ count, past, arrays }: ExportedRows, listed?: readonly number[]): void {
    const [first = 0] = listed ?? [];
    const numRows = listed?.length ?? count;
    const isNext = past + first === this.length && (listed ?? []).every((row, i) => row === first + i);
    invariant(isNext, "rows of an exported graph are kept one behind the other");
    this.arrays = arrays;
    this.stride = past + count;
    this.length += numRows;
  }

  write(): never {
    return invariant(false, "rows of an exported graph can't be overwritten") as never;
  }

  truncate(length: number): void {
    this.length = Math.min(this.length, length);
  }

  copy(): ExportedCache {
    const other = new ExportedCache(this.values, this.arrays);
    other.length = this.length;
    other.stride = this.stride;
    return other;
  }
}

function emptyOf(type: PastValue["type"]): Numbers {
  return type === "float32" ? new Float32Array(0) : new Uint16Array(0);
}

function firstRows(
  array: Numbers,
  { numHeads, headDim }: PastValue,
  { stride, length }: { stride: number; length: number },
): Numbers {
  const out = array.slice(0, numHeads * length * headDim);
  for (let head = 1; head < numHeads; head++) {
    const start = head * stride * headDim;
    out.set(array.subarray(start, start + length * headDim), head * length * headDim);
  }
  return out;
}
