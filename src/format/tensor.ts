/** How numbers lie in a file. */
export type Dtype = FloatDtype | BlockDtype;

/** Numbers that stand alone. */
export type FloatDtype = "F32" | "F16" | "BF16";

/** Weights that share a scale, as GGUF files hold them. */
export type BlockDtype = "Q4_0" | "Q4_1" | "Q5_0" | "Q5_1" | "Q8_0" | "Q4_K" | "Q5_K" | "Q6_K";

/** By format: numbers that stand together, and the bytes they take. Rows are whole ones of these. */
export const DTYPES: Readonly<Record<Dtype, { values: number; bytes: number }>> = {
  F32: { values: 1, bytes: 4 },
  F16: { values: 1, bytes: 2 },
  BF16: { values: 1, bytes: 2 },
  Q4_0: { values: 32, bytes: 18 },
  Q4_1: { values: 32, bytes: 20 },
  Q5_0: { values: 32, bytes: 22 },
  Q5_1: { values: 32, bytes: 24 },
  Q8_0: { values: 32, bytes: 34 },
  Q4_K: { values: 256, bytes: 144 },
  Q5_K: { values: 256, bytes: 176 },
  Q6_K: { values: 256, bytes: 210 },
};

/** Whether numbers of this format stand alone. */
export function isFloat(dtype: Dtype): dtype is FloatDtype {
  return DTYPES[dtype].values === 1;
}

/** What is known of a tensor before its values are there. */
export interface TensorPlan {
  name: string;
  dtype: Dtype;
  shape: number[];
}

/** A named array as stored: little-endian, row-major, a view that starts on a multiple of 4. */
export interface Tensor extends TensorPlan {
  bytes: Uint8Array<ArrayBuffer>;
}

/** Rows of a tensor, from `begin` up to `end`. */
export interface Rows {
  begin: number;
  end: number;
}

/** The weights of a model, opened: what there is, in the order in which its files hold it, and their values one by one. */
export interface Checkpoint {
  readonly tensors: ReadonlyMap<string, TensorPlan>;
  /** One tensor, or some of its rows; nothing else is held. Throws for a name that isn't there. */
  read(name: string, rows?: Rows, signal?: AbortSignal): Promise<Tensor>;
  /** Lets go of the files. Must be called, and may be twice. */
  close(): Promise<void>;
}

/** What a model is filled from: some weights, in the order in which they come fastest. */
export type Weights = Pick<Checkpoint, "tensors" | "read">;

/** Rows of a tensor, as a view on it. */
export function rowsOf(tensor: Tensor, { begin, end }: Rows): Tensor {
  const [numRows, ...rest] = tensor.shape;
  const rowBytes = tensor.bytes.byteLength / numRows;
  return { ...tensor, shape: [end - begin, ...rest], bytes: tensor.bytes.subarray(begin * rowBytes, end * rowBytes) };
}

/** Bytes that so many numbers take, of whole rows. */
export function storedBytes(dtype: Dtype, numValues: number): number {
  const { values, bytes } = DTYPES[dtype];
  return (numValues / values) * bytes;
}

/** Bytes of a tensor as it is stored. */
export function byteLengthOf({ dtype, shape }: TensorPlan): number {
  return storedBytes(
    dtype,
    shape.reduce((product, size) => product * size, 1),
  );
}
