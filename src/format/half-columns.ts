import type { Tensor } from "./tensor.js";

/** The first or second half of a matrix's columns. */
export function halfColumns({ shape, bytes, dtype }: Tensor, which: number, name: string): Tensor {
  const [numRows, numColumns] = shape;
  const rowBytes = bytes.length / numRows;
  const width = rowBytes / 2;
  const out = new Uint8Array(numRows * width);
  for (let row = 0; row < numRows; row++) {
    const start = row * rowBytes + which * width;
    out.set(bytes.subarray(start, start + width), row * width);
  }
  return { name, dtype, shape: [numRows, numColumns / 2], bytes: out };
}
