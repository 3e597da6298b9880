import { ModelLoadError } from "../vocabulary/errors.js";
import { cut, nameIn, valueIn } from "./in-message.js";
import { refusePointer } from "./lfs-pointer.js";
import type { SourceFile } from "./source.js";
import { byteLengthOf, type Dtype, DTYPES, type TensorPlan } from "./tensor.js";

/** Storage formats of what isn't a weight by itself: masks and counters that PyTorch keeps beside them, and numbers that need another tensor (`packed`). */
const UNREAD_BYTES: Record<string, number> = {
  ...{ BOOL: 1, U8: 1, I8: 1, U16: 2, I16: 2, U32: 4, I32: 4, U64: 8, I64: 8 },
  ...{ F8_E4M3: 1, F8_E5M2: 1 },
};

/** A tensor in a file. */
export interface StoredTensor extends TensorPlan {
  /** Where its bytes begin in the file. */
  begin: number;
}

/** A tensor in a file whose numbers aren't weights by themselves. */
export interface RawTensor extends Omit<StoredTensor, "dtype"> {
  dtype: string;
  byteLength: number;
}

/** What a safetensors file says that it holds, checked. */
export interface SafetensorsHeader {
  /** By name, in the order in which their bytes stand in the file, without the raw ones. */
  tensors: Map<string, StoredTensor>;
  /** Names of those that are left out. */
  unread: Set<string>;
  /** What is known of these. */
  raw?: Map<string, RawTensor>;
}

interface Entry {
  name: string;
  dtype: string;
  shape: number[];
  begin: number;
  end: number;
}

/**
 * What a safetensors file holds. Everything its header claims is checked against the file's length before anything is read by it; a
 * `ModelLoadError` names the tensor, what was found and what was expected.
 */
export async function readHeader(file: SourceFile, label: string, signal?: AbortSignal): Promise<SafetensorsHeader> {
  const damaged = (what: string) => new ModelLoadError(`${label} is damaged: ${what}. Load it again.`, "damaged_file");
  const { byteLength } = file;
  if (byteLength < 8) throw damaged(`${byteLength} bytes long, shorter than a safetensors header`);
  const start = await file.read(0, 8, signal);
  refusePointer(start, label);
  const headerBytes = Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
  const dataStart = 8 + headerBytes;
  if (dataStart > byteLength) {
    throw damaged(`its header claims ${headerBytes} bytes, but only ${byteLength - 8} follow`);
  }
  let header: unknown;
  const text = await file.read(8, dataStart, signal);
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
  } catch {
    throw damaged("its header isn't JSON");
  }
  if (!isRecord(header)) throw damaged("its header isn't a JSON object");
  const tensors = new Map<string, StoredTensor>();
  const raw = new Map<string, RawTensor>();
  for (const { name, dtype, shape, begin, end } of entriesOf(header, byteLength - dataStart, label, damaged)) {
    const place = { name, shape, begin: dataStart + begin };
    if (isDtype(dtype)) tensors.set(name, { ...place, dtype });
    else raw.set(name, { ...place, dtype, byteLength: end - begin });
  }
  return { tensors, unread: new Set(raw.keys()), raw };
}

/** The entries of a header in the order of their bytes, which they share without a gap. */
function entriesOf(
  header: Readonly<Record<string, unknown>>,
  dataBytes: number,
  label: string,
  damaged: (what: string) => ModelLoadError,
): Entry[] {
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name !== "__metadata__") entries.push(parseEntry(name, value, dataBytes, label, damaged));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let reached = 0;
  let previous = "the header";
  for (const { name, begin, end } of entries) {
    if (begin !== reached) {
      throw damaged(`tensor ${nameIn(name)} starts at byte ${begin}, expected ${reached}, where ${previous} ends`);
    }
    reached = end;
    previous = `tensor ${nameIn(name)}`;
  }
  if (reached !== dataBytes) throw damaged(`its data is ${dataBytes} bytes long, expected ${reached}`);
  return entries;
}

function parseEntry(
  name: string,
  value: unknown,
  dataBytes: number,
  label: string,
  damaged: (what: string) => ModelLoadError,
): Entry {
  if (!isRecord(value)) throw damaged(`the header's entry for tensor ${nameIn(name)} isn't an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  const isRead = typeof dtype === "string" && (isDtype(dtype) || Object.hasOwn(UNREAD_BYTES, dtype));
  if (!isRead) {
    throw new ModelLoadError(
      `${label}: tensor ${nameIn(name)} is stored as ${valueIn(dtype)}; supported are ${READ.join(", ")}.`,
      "unsupported_dtype",
    );
  }
  if (!isCounts(shape)) throw damaged(`tensor ${nameIn(name)} has shape ${valueIn(shape)}, expected a list of sizes`);
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw damaged(`tensor ${nameIn(name)} has data_offsets ${valueIn(offsets)}, expected [begin, end]`);
  }
  const [begin, end] = offsets;
  const expected = isDtype(dtype)
    ? byteLengthOf({ name, dtype, shape })
    : shape.reduce((product, size) => product * size, UNREAD_BYTES[dtype]);
  if (end - begin !== expected) {
    throw damaged(
      `tensor ${nameIn(name)} holds ${end - begin} bytes, expected ${expected} for ${dtype} of shape [${cut(shape.join(", "))}]`,
    );
  }
  if (end > dataBytes) {
    throw damaged(
      `tensor ${nameIn(name)} ends at byte ${end} of the data, but the file holds only ${dataBytes} bytes of it`,
    );
  }
  return { name, dtype, shape, begin, end };
}

/** What a safetensors file may hold that is read: no blocks. */
const READ = Object.keys(DTYPES).filter((dtype) => DTYPES[dtype as Dtype].values === 1);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isDtype(value: unknown): value is Dtype {
  return typeof value === "string" && READ.includes(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
