import { ModelLoadError } from "../vocabulary/errors.js";

/** Storage formats that are read; all three are widened exactly to f32. */
export type Dtype = "F32" | "F16" | "BF16";

/** A named array as stored: little-endian, row-major, a view on the file's buffer that starts on a multiple of 4. */
export interface Tensor {
  name: string;
  dtype: Dtype;
  shape: number[];
  bytes: Uint8Array<ArrayBuffer>;
}

const ELEMENT_BYTES: Record<Dtype, number> = { F32: 4, F16: 2, BF16: 2 };

/** Storage formats of what can't be a weight, as masks and counters that PyTorch keeps beside them: such tensors are left out. */
const UNREAD_BYTES: Record<string, number> = { BOOL: 1, U8: 1, I8: 1, U16: 2, I16: 2, U32: 4, I32: 4, U64: 8, I64: 8 };

interface Entry {
  name: string;
  /** Null: it is left out. */
  dtype: Dtype | null;
  shape: number[];
  begin: number;
  end: number;
}

/**
 * The tensors of one safetensors file, by name, without those of whole numbers; nothing is copied but what is stored at an odd offset.
 * Names of those left out join `unread`. Everything the header claims is checked first; a `ModelLoadError` names the tensor, what was found and what was expected.
 */
export function parseSafetensors(
  file: Uint8Array<ArrayBuffer>,
  label: string,
  unread = new Set<string>(),
): Map<string, Tensor> {
  const { entries, dataStart } = parseHeader(file, label);
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    if (dtype === null) {
      unread.add(name);
      continue;
    }
    const view = file.subarray(dataStart + begin, dataStart + end);
    tensors.set(name, { name, dtype, shape, bytes: view.byteOffset % 4 === 0 ? view : view.slice() });
  }
  return tensors;
}

function parseHeader(file: Uint8Array<ArrayBuffer>, label: string): { entries: Entry[]; dataStart: number } {
  const damaged = (what: string) => new ModelLoadError(`${label} is damaged: ${what}. Load it again.`, "damaged_file");
  if (file.length < 8) throw damaged(`${file.length} bytes long, shorter than a safetensors header`);
  const headerBytes = Number(new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true));
  const dataStart = 8 + headerBytes;
  if (dataStart > file.length) {
    throw damaged(`its header claims ${headerBytes} bytes, but only ${file.length - 8} follow`);
  }
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(file.subarray(8, dataStart)));
  } catch {
    throw damaged("its header isn't JSON");
  }
  if (!isRecord(header)) throw damaged("its header isn't a JSON object");

  const dataBytes = file.length - dataStart;
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name !== "__metadata__") entries.push(parseEntry(name, value, dataBytes, label, damaged));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let reached = 0;
  let previous = "the header";
  for (const { name, begin, end } of entries) {
    if (begin !== reached) {
      throw damaged(`tensor ${name} starts at byte ${begin}, expected ${reached}, where ${previous} ends`);
    }
    reached = end;
    previous = `tensor ${name}`;
  }
  if (reached !== dataBytes) throw damaged(`its data is ${dataBytes} bytes long, expected ${reached}`);
  return { entries, dataStart };
}

function parseEntry(
  name: string,
  value: unknown,
  dataBytes: number,
  label: string,
  damaged: (what: string) => ModelLoadError,
): Entry {
  if (!isRecord(value)) throw damaged(`the header's entry for tensor ${name} isn't an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  const isUnread = typeof dtype === "string" && Object.hasOwn(UNREAD_BYTES, dtype);
  if (!isDtype(dtype) && !isUnread) {
    throw new ModelLoadError(
      `${label}: tensor ${name} is stored as ${JSON.stringify(dtype)}; supported are ${Object.keys(ELEMENT_BYTES).join(", ")}.`,
      "unsupported_dtype",
    );
  }
  if (!isCounts(shape)) throw damaged(`tensor ${name} has shape ${JSON.stringify(shape)}, expected a list of sizes`);
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw damaged(`tensor ${name} has data_offsets ${JSON.stringify(offsets)}, expected [begin, end]`);
  }
  const [begin, end] = offsets;
  const expected = shape.reduce(
    (product, size) => product * size,
    isDtype(dtype) ? ELEMENT_BYTES[dtype] : UNREAD_BYTES[String(dtype)],
  );
  if (end - begin !== expected) {
    throw damaged(
      `tensor ${name} holds ${end - begin} bytes, expected ${expected} for ${dtype} of shape [${shape.join(", ")}]`,
    );
  }
  if (end > dataBytes) {
    throw damaged(`tensor ${name} ends at byte ${end} of the data, but the file holds only ${dataBytes} bytes of it`);
  }
  return { name, dtype: isDtype(dtype) ? dtype : null, shape, begin, end };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isDtype(value: unknown): value is Dtype {
  return typeof value === "string" && Object.hasOwn(ELEMENT_BYTES, value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
