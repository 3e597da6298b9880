import type { Rows, Tensor } from "../format/tensor.js";
import type { EqualPart, Stored } from "./family.js";

/** Where a file holds a tensor of a model whose sizes are known. */
export interface Placed extends Pick<Stored, "names" | "transpose"> {
  /** One of equal parts, or rows of a whole that has so many. */
  part?: EqualPart | { first: number; numRows: number };
}

/** The shape that a file has for a tensor of this shape. */
export function storedShape(shape: readonly number[], { transpose = false, part }: Placed): number[] {
  const [rows, ...rest] = shape;
  const whole = [wholeRows(rows, part), ...rest];
  return transpose ? whole.reverse() : whole;
}

/** The rows of what the file has that are these of ours (left out: all); null where they must be laid out anew. */
export function storedRows(shape: readonly number[], { transpose = false, part }: Placed, rows?: Rows): Rows | null {
  if (transpose && shape.length === 2) return null;
  const { begin, end } = rows ?? { begin: 0, end: shape[0] };
  if (!part) return { begin, end };
  if (!("numRows" in part) && part.perHead) return null;
  const first = "numRows" in part ? part.first : part.index * shape[0];
  return { begin: first + begin, end: first + end };
}

/** The tensor of our own name and shape out of what the file has. What must be laid out anew is so when it is read, each time. */
export function takeStored(
  found: Tensor,
  { name, shape, stored, numHeads }: { name: string; shape: number[]; stored: Placed; numHeads: number },
): Tensor {
  const { transpose = false, part } = stored;
  const { dtype, bytes } = found;
  if (!part && !(transpose && shape.length === 2)) return name === found.name ? found : { ...found, name };
  return {
    name,
    dtype,
    shape,
    get bytes() {
      const [numRows] = shape;
      const rowOf = partRow(numRows, part, numHeads);
      const stride = wholeRows(numRows, part);
      if (transpose && shape.length === 2) return columnsOf(found, { shape, rowOf, stride });
      // Rows are whole, whatever they are stored as.
      const rowBytes = bytes.length / stride;
      const out = new Uint8Array(numRows * rowBytes);
      for (let row = 0; row < numRows; row++) {
        const from = rowOf(row) * rowBytes;
        out.set(bytes.subarray(from, from + rowBytes), row * rowBytes);
      }
      return out;
    },
  };
}

/** Columns of a matrix as rows of one. */
function columnsOf(
  { dtype, bytes }: Tensor,
  { shape, rowOf, stride }: { shape: number[]; rowOf: (row: number) => number; stride: number },
): Uint8Array<ArrayBuffer> {
  const isWide = dtype === "F32";
  const source = isWide
    ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
    : new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  const [numRows, width] = shape;
  const out = isWide ? new Uint32Array(numRows * width) : new Uint16Array(numRows * width);
  for (let row = 0; row < numRows; row++) {
    const from = rowOf(row);
    for (let k = 0; k < width; k++) out[row * width + k] = source[k * stride + from];
  }
  return new Uint8Array(out.buffer);
}

function wholeRows(numRows: number, part: Placed["part"]): number {
  return part && "numRows" in part ? part.numRows : numRows * (part?.of ?? 1);
}

/** The row of the whole that is a row of the part. */
function partRow(numRows: number, part: Placed["part"], numHeads: number): (row: number) => number {
  if (!part) return (row) => row;
  if ("numRows" in part) return (row) => part.first + row;
  const { index, of, perHead = false } = part;
  const run = perHead ? numRows / numHeads : numRows;
  return (row) => (Math.floor(row / run) * of + index) * run + (row % run);
}
