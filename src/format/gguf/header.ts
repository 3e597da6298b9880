import { ModelLoadError } from "../../vocabulary/errors.js";
import { refusePointer } from "../lfs-pointer.js";
import type { SourceFile } from "../source.js";
import { DTYPES, type Dtype, type TensorPlan } from "../tensor.js";
import { ByteReader, NeedsMore } from "./byte-reader.js";

/** A value of a GGUF file's metadata; lists of numbers are typed arrays. */
export type Value = number | boolean | string | NumberList | readonly Value[];

/** A list of numbers in metadata. */
export type NumberList =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** Where a tensor lies in its file. */
export interface Placed extends TensorPlan {
  /** From the file's first byte. */
  begin: number;
  end: number;
}

/** What stands in front of a GGUF file's values. */
export interface Header {
  metadata: ReadonlyMap<string, Value>;
  /** By the file's own names, in the order of their values. */
  tensors: ReadonlyMap<string, Placed>;
}

/** ggml's numbers for what tensors are stored as; those without blocks of ours are known by name only. */
const TYPES: Readonly<Record<number, string>> = {
  ...{ 0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 8: "Q8_0", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K" },
  ...{ 12: "Q4_K", 13: "Q5_K", 14: "Q6_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S" },
  ...{ 20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64" },
  ...{ 29: "IQ1_M", 30: "BF16", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4", 40: "NVFP4" },
};

/** Those that are read. */
const READ: readonly Dtype[] = ["F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K"];

const FIRST_BYTES = 1 << 21;
const MAX_DEPTH = 4;
/** ggml has no more. */
const MAX_DIMS = 4;

/** Reads no more of a file than its header takes, twice as much at most. Throws `ModelLoadError`, which names the place. */
export async function readHeader(file: SourceFile, label: string, signal?: AbortSignal): Promise<Header> {
  let bytes = await file.read(0, Math.min(FIRST_BYTES, file.byteLength), signal);
  for (;;) {
    try {
      return parseHeader(bytes, file.byteLength, label);
    } catch (error) {
      if (!(error instanceof NeedsMore)) throw error;
      const end = Math.min(file.byteLength, Math.max(error.end, 2 * bytes.length));
      const larger = new Uint8Array(end);
      larger.set(bytes);
      larger.set(await file.read(bytes.length, end, signal), bytes.length);
      bytes = larger;
    }
  }
}

/** The header of a file of this length, of which the first bytes are given; throws `NeedsMore` where these are too few. */
export function parseHeader(bytes: Uint8Array<ArrayBuffer>, fileLength: number, label: string): Header {
  const reader = new ByteReader(bytes, fileLength, label);
  const magic = reader.u32();
  refusePointer(bytes, label);
  if (magic !== 0x46554747) throw reader.damaged("it doesn't begin with GGUF");
  checkVersion(reader.u32(), label);
  const numTensors = reader.count("tensors", 24);
  const numKeys = reader.count("keys", 13);
  const metadata = new Map<string, Value>();
  for (let i = 0; i < numKeys; i++) {
    reader.place = `metadata key ${i + 1} of ${numKeys}`;
    const key = reader.text();
    reader.place = `metadata key ${JSON.stringify(key.slice(0, 80))}`;
    if (metadata.has(key)) throw reader.damaged("it is there twice");
    metadata.set(key, readValue(reader, reader.u32(), 0));
  }
  return { metadata, tensors: readTensors(reader, numTensors, metadata, fileLength, label) };
}

function checkVersion(version: number, label: string): void {
  if (version === 2 || version === 3) return;
  const isBig = version !== 0 && (version & 0xffff) === 0;
  throw new ModelLoadError(
    isBig
      ? `${label} is a big-endian GGUF file, which isn't supported: take the little-endian one.`
      : `${label} is GGUF of version ${version}; supported are 2 and 3: convert it anew.`,
    "unsupported_gguf",
  );
}

type Scalar = (reader: ByteReader) => number;
type Numbers = new (buffer: ArrayBuffer) => NumberList;

/** By the format's number: how one is read, its bytes, and how a list of them is held (null: one by one, as wide numbers). */
const SCALARS: Readonly<Record<number, [Scalar, number, Numbers | null]>> = {
  0: [(from) => from.u8(), 1, Uint8Array],
  1: [(from) => from.i8(), 1, Int8Array],
  2: [(from) => from.u16(), 2, Uint16Array],
  3: [(from) => from.i16(), 2, Int16Array],
  4: [(from) => from.u32(), 4, Uint32Array],
  5: [(from) => from.i32(), 4, Int32Array],
  6: [(from) => from.f32(), 4, Float32Array],
  10: [(from) => from.u64(), 8, null],
  11: [(from) => from.i64(), 8, null],
  12: [(from) => from.f64(), 8, Float64Array],
};
const [BOOL, TEXT, LIST] = [7, 8, 9];

function readValue(reader: ByteReader, type: number, depth: number): Value {
  if (type === TEXT) return reader.text();
  if (type === BOOL) return reader.u8() !== 0;
  if (type === LIST) return readList(reader, depth);
  if (!Object.hasOwn(SCALARS, type)) throw reader.damaged(`its value is of type ${type}, and there are 0 to 12`);
  return SCALARS[type][0](reader);
}

function readList(reader: ByteReader, depth: number): Value {
  if (depth === MAX_DEPTH) throw reader.damaged(`lists are nested more than ${MAX_DEPTH} deep`);
  const type = reader.u32();
  const scalar = Object.hasOwn(SCALARS, type) ? SCALARS[type] : null;
  const length = reader.count("entries", scalar ? scalar[1] : type === BOOL ? 1 : type === LIST ? 12 : 8);
  if (scalar) {
    const [read, bytesEach, Numbers] = scalar;
    if (Numbers) return new Numbers(reader.copy(length * bytesEach).buffer);
    return Float64Array.from({ length }, () => read(reader));
  }
  const values: Value[] = [];
  for (let i = 0; i < length; i++) values.push(readValue(reader, type, depth + 1));
  return values;
}

function readTensors(
  reader: ByteReader,
  numTensors: number,
  metadata: ReadonlyMap<string, Value>,
  fileLength: number,
  label: string,
): Map<string, Placed> {
  const alignment = metadata.get("general.alignment") ?? 32;
  reader.place = "general.alignment";
  if (
    typeof alignment !== "number" ||
    !(alignment >= 1) ||
    alignment > 1 << 20 ||
    (alignment & (alignment - 1)) !== 0
  ) {
    throw reader.damaged(`it is ${String(alignment)}, and must be a power of two`);
  }
  const listed = new Map<string, Placed>();
  for (let i = 0; i < numTensors; i++) {
    reader.place = `tensor ${i + 1} of ${numTensors}`;
    const name = reader.text();
    reader.place = `tensor ${JSON.stringify(name.slice(0, 80))}`;
    if (listed.has(name)) throw reader.damaged("it is there twice");
    const { dtype, shape, byteLength } = readShape(reader, label, name);
    const begin = reader.u64();
    listed.set(name, { name, dtype, shape, begin, end: begin + byteLength });
  }
  // As their values stand, whatever order they are listed in.
  const inOrder = [...listed].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  const start = padded(reader.at, alignment);
  let reached = 0;
  for (const [name, tensor] of inOrder) {
    const { begin, end } = tensor;
    reader.place = `tensor ${JSON.stringify(name.slice(0, 80))}`;
    if (begin !== reached) throw reader.damaged(`its values start at byte ${begin} of the data, expected ${reached}`);
    reached = padded(end, alignment);
    tensor.begin += start;
    tensor.end += start;
    if (tensor.end > fileLength)
      throw reader.damaged(`its values end at byte ${tensor.end}, and the file has ${fileLength}`);
  }
  return new Map(inOrder);
}

function readShape(
  reader: ByteReader,
  label: string,
  name: string,
): { dtype: Dtype; shape: number[]; byteLength: number } {
  const numDims = reader.u32();
  if (numDims > MAX_DIMS) throw reader.damaged(`it has ${numDims} dimensions, and there are at most ${MAX_DIMS}`);
  // The file has the fastest one first.
  const shape = Array.from({ length: numDims }, () => reader.u64()).reverse();
  const numWeights = shape.reduce((product, size) => product * size, 1);
  if (!shape.every(Number.isSafeInteger) || !Number.isSafeInteger(numWeights)) {
    throw reader.damaged(`its shape is [${shape.join(", ")}]`);
  }
  const type = reader.u32();
  const dtype = Object.hasOwn(TYPES, type) ? TYPES[type] : `type ${type}`;
  if (!isRead(dtype)) {
    throw new ModelLoadError(
      `${label}: tensor ${name} is stored as ${dtype}; supported are ${READ.join(", ")}: take a file of another quantisation.`,
      "unsupported_dtype",
    );
  }
  const { values: perBlock, bytes: numBytes } = DTYPES[dtype];
  const width = shape.at(-1) ?? 1;
  if (width % perBlock !== 0)
    throw reader.damaged(`its rows have ${width} weights, and ${dtype} has blocks of ${perBlock}`);
  return { dtype, shape, byteLength: (numWeights / perBlock) * numBytes };
}

function isRead(dtype: string): dtype is Dtype {
  return (READ as readonly string[]).includes(dtype);
}

function padded(length: number, alignment: number): number {
  return Math.ceil(length / alignment) * alignment;
}
