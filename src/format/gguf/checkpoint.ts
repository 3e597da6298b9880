import { invariant } from "../../vocabulary/errors.js";
import type { Shards } from "../shards.js";
import { byteLengthOf, type Checkpoint, type Dtype, type Rows, type Tensor, type TensorPlan } from "../tensor.js";
import { widen } from "../widen.js";
import type { Renamed, RowOrder } from "./tensor-names.js";

/** A tensor of the family, and the file's own that it is made of. */
export interface Source {
  stored: TensorPlan;
  renamed: Renamed;
}

/** GGUF files as the checkpoint of their family: its names, its order of rows, its shapes. Blocks stay blocks where rows stay whole. */
export class GgufCheckpoint implements Checkpoint {
  readonly tensors = new Map<string, TensorPlan>();
  private readonly sources = new Map<string, Source>();

  /** `files`: opened, with the names of the files. */
  constructor(
    private readonly files: Shards,
    sources: Iterable<Source>,
  ) {
    for (const source of sources) {
      const { stored, renamed } = source;
      this.sources.set(renamed.name, source);
      this.tensors.set(renamed.name, planOf(stored, renamed));
    }
  }

  async read(name: string, rows?: Rows, signal?: AbortSignal): Promise<Tensor> {
    const source = this.sources.get(name);
    invariant(source, `the checkpoint has no tensor ${name}`);
    const { stored, renamed } = source;
    const { order, isTransposed, offset } = renamed;
    if (isTransposed) return rowsOf(transposed(await this.files.read(stored.name, undefined, signal), name), rows);
    if (order) return this.ordered(stored, order, name, rows ?? { begin: 0, end: stored.shape[0] }, signal);
    const tensor = { ...(await this.files.read(stored.name, rows, signal)), name };
    if (offset === undefined) return tensor;
    const values = widen(tensor).map((value) => value - offset);
    return { ...tensor, dtype: "F32", bytes: new Uint8Array(values.buffer) };
  }

  close(): Promise<void> {
    return this.files.close();
  }

  /** Rows of the family, out of groups of rows that the file has elsewhere; groups that follow each other there are read as one. */
  private async ordered(
    stored: TensorPlan,
    order: RowOrder,
    name: string,
    { begin, end }: Rows,
    signal?: AbortSignal,
  ): Promise<Tensor> {
    const { dtype, shape } = stored;
    const rowBytes = byteLengthOf(stored) / shape[0];
    const bytes = new Uint8Array((end - begin) * rowBytes);
    const last = Math.ceil(end / order.size);
    for (let first = Math.floor(begin / order.size); first < last; ) {
      let next = first + 1;
      while (next < last && order.group(next) === order.group(next - 1) + 1) next++;
      const from = order.group(first) * order.size;
      const read = await this.files.read(stored.name, { begin: from, end: from + (next - first) * order.size }, signal);
      for (let row = Math.max(begin, first * order.size); row < Math.min(end, next * order.size); row++) {
        const group = Math.floor(row / order.size);
        const at = ((group - first) * order.size + order.row(row % order.size)) * rowBytes;
        bytes.set(read.bytes.subarray(at, at + rowBytes), (row - begin) * rowBytes);
      }
      first = next;
    }
    return { name, dtype, shape: [end - begin, ...shape.slice(1)], bytes };
  }
}

function planOf({ dtype, shape }: TensorPlan, { name, isTransposed, offset }: Renamed): TensorPlan {
  if (isTransposed) return { name, dtype: wholeOf(dtype), shape: [...shape].reverse() };
  return { name, dtype: offset === undefined ? dtype : "F32", shape };
}

/** What numbers are stored as that stand alone: blocks have no columns. */
function wholeOf(dtype: Dtype): "F32" | "F16" | "BF16" {
  return dtype === "F16" || dtype === "BF16" ? dtype : "F32";
}

function transposed(tensor: Tensor, name: string): Tensor {
  const dtype = wholeOf(tensor.dtype);
  const { buffer, byteOffset, byteLength } = tensor.bytes;
  const values = dtype === "F32" ? widen(tensor) : new Uint16Array(buffer, byteOffset, byteLength / 2);
  const [numRows, width] = tensor.shape;
  const out = dtype === "F32" ? new Float32Array(values.length) : new Uint16Array(values.length);
  for (let row = 0; row < numRows; row++) {
    for (let k = 0; k < width; k++) out[k * numRows + row] = values[row * width + k];
  }
  return { name, dtype, shape: [width, numRows], bytes: new Uint8Array(out.buffer) };
}

function rowsOf(tensor: Tensor, rows: Rows | undefined): Tensor {
  if (!rows) return tensor;
  const { shape, bytes } = tensor;
  const rowBytes = bytes.length / shape[0];
  const own = bytes.slice(rows.begin * rowBytes, rows.end * rowBytes);
  return { ...tensor, shape: [rows.end - rows.begin, ...shape.slice(1)], bytes: own };
}
