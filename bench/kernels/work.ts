import type { Architecture } from "../../src/architecture/architecture.js";
import { productsOf } from "./products.js";

/** What a forward has to move and to compute, whatever the kernels: each weight read once for all rows. */
export interface Work {
  rows: number;
  weightBytes: number;
  /** Keys and values of the context, read once, and those of the rows, written. */
  cacheBytes: number;
  /** What goes into and comes out of the matrices, once each. */
  activationBytes: number;
  multiplyAdds: number;
}

/** Arithmetic of the table: bytes of a weight as stored, tokens in the cache, rows that need logits (default: all). */
export interface WorkShape {
  weightBytes: number;
  numKept: number;
  numLogitRows?: number;
}

/** The work of a forward of `rows` rows behind `numKept` tokens. */
export function workOf(a: Architecture, rows: number, { weightBytes, numKept, numLogitRows = rows }: WorkShape): Work {
  const matrices = productsOf(a).map(({ name, n, k, count }) => ({
    n,
    k,
    count,
    m: name === "lm head" ? numLogitRows : rows,
  }));
  const keyValueSize = 2 * a.numKeyValueHeads * a.headDim;
  const seen = numKept + (rows + 1) / 2;
  const sum = (term: (matrix: (typeof matrices)[number]) => number) =>
    matrices.reduce((total, m) => total + term(m), 0);
  return {
    rows,
    weightBytes: sum(({ n, k, count, m }) => (m > 0 ? n * k * count * weightBytes : 0)),
    cacheBytes: a.layers.length * keyValueSize * (numKept + 2 * rows) * 4,
    activationBytes: sum(({ n, k, count, m }) => m * (n + k) * count * 4),
    multiplyAdds:
      sum(({ n, k, count, m }) => m * n * k * count) + a.layers.length * rows * seen * 2 * a.numHeads * a.headDim,
  };
}

/** All bytes of a forward. */
export function bytesOf({ weightBytes, cacheBytes, activationBytes }: Work): number {
  return weightBytes + cacheBytes + activationBytes;
}

/** Cost of a forward in bytes' worth of time, on a device that does `balance` multiply-adds while it moves a byte. */
export function roofline(work: Work, balance: number): number {
  return Math.max(bytesOf(work), work.multiplyAdds / balance);
}
