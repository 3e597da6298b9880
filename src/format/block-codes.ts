import type { BlockFormats, BlockStorage } from "./block-formats.js";
import { dequantize, PLAIN_BLOCKS, type Quantized } from "./quantize.js";
import { type BlockDtype, DTYPES, type Dtype } from "./tensor.js";
import { halfBits } from "./widen.js";

/** The kernels' nearest format that holds blocks without rounding, and how one is read. */
interface BlockFormat {
  storage: BlockStorage;
  read: Reader;
}

/** Where weights go that are read: whole numbers, and for every so many of them a scale and the least weight, or 0. */
interface Codes {
  codes: Int8Array<ArrayBuffer>;
  scales: Float32Array;
  mins: Float32Array;
}

/** Reads the block that starts at byte `at` into `codes` from weight `to` on. */
type Reader = (bytes: Uint8Array, at: number, out: Codes, to: number) => void;

const q4 = { ...PLAIN_BLOCKS, format: "q4" } as const;
const q8 = { ...PLAIN_BLOCKS, format: "q8" } as const;
const q4WithMins = { size: 32, hasMins: true, format: "q4" } as const;
const q8WithMins = { size: 32, hasMins: true, format: "q8" } as const;

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);
/** The number of 16 bits at a byte. */
function half(bytes: Uint8Array, at: number): number {
  bits[0] = halfBits()[bytes[at] | (bytes[at + 1] << 8)];
  return float[0];
}

const { fround } = Math;

/** Blocks of 32 in 4 or 5 bits: byte i has weight i in its low half, i + 16 in its high one; `fifth`: where the fifth bits stand. */
function nibbles(
  zero: number,
  { codesAt, fifthAt = 0, hasMin }: { codesAt: number; fifthAt?: number; hasMin: boolean },
): Reader {
  return (bytes, at, { codes, scales, mins }, to) => {
    scales[to / 32] = half(bytes, at);
    mins[to / 32] = hasMin ? half(bytes, at + 2) : 0;
    for (let i = 0; i < 32; i++) {
      const byte = bytes[at + codesAt + (i & 15)];
      const fifth = fifthAt === 0 ? 0 : ((bytes[at + fifthAt + (i >> 3)] >> (i & 7)) & 1) << 4;
      codes[to + i] = ((i < 16 ? byte & 15 : byte >> 4) | fifth) - zero;
    }
  };
}

/** Eight blocks of 32 whose scales and least weights have 6 bits, in units of two numbers of 16. */
function superblock({ codesAt, fifthAt = 0 }: { codesAt: number; fifthAt?: number }): Reader {
  return (bytes, at, { codes, scales, mins }, to) => {
    const unit = half(bytes, at);
    const minUnit = half(bytes, at + 2);
    for (let block = 0; block < 8; block++) {
      const low = at + 4 + (block % 4);
      const last = bytes[low + 8];
      const scale = block < 4 ? bytes[low] & 63 : (last & 15) | ((bytes[low] >> 6) << 4);
      const min = block < 4 ? bytes[low + 4] & 63 : (last >> 4) | ((bytes[low + 4] >> 6) << 4);
      scales[to / 32 + block] = fround(unit * scale);
      mins[to / 32 + block] = -fround(minUnit * min);
      const from = at + codesAt + (block >> 1) * 32;
      const shift = (block & 1) * 4;
      for (let i = 0; i < 32; i++) {
        const fifth = fifthAt === 0 ? 0 : ((bytes[at + fifthAt + i] >> block) & 1) << 4;
        codes[to + block * 32 + i] = ((bytes[from + i] >> shift) & 15) | fifth;
      }
    }
  };
}

const readQ8: Reader = (bytes, at, { codes, scales }, to) => {
  scales[to / 32] = half(bytes, at);
  for (let i = 0; i < 32; i++) codes[to + i] = bytes[at + 2 + i];
};

/** Sixteen blocks of 16, in halves of 128: of four weights 32 apart the high bits share a byte. */
const readQ6: Reader = (bytes, at, { codes, scales }, to) => {
  const unit = half(bytes, at + 208);
  for (let block = 0; block < 16; block++)
    scales[to / 16 + block] = fround(unit * ((bytes[at + 192 + block] << 24) >> 24));
  for (let i = 0; i < 256; i++) {
    const [part, quarter, k] = [i >> 7, (i >> 5) & 3, i & 31];
    const low = (bytes[at + part * 64 + (quarter & 1) * 32 + k] >> ((quarter >> 1) * 4)) & 15;
    const high = (bytes[at + 128 + part * 32 + k] >> (quarter * 2)) & 3;
    codes[to + i] = (low | (high << 4)) - 32;
  }
};

/** ggml's formats (`ggml-quants.c`). */
const FORMATS: Readonly<Record<BlockDtype, BlockFormat>> = {
  Q4_0: { storage: q4, read: nibbles(8, { codesAt: 2, hasMin: false }) },
  Q4_1: { storage: q4WithMins, read: nibbles(0, { codesAt: 4, hasMin: true }) },
  Q5_0: { storage: q8, read: nibbles(16, { codesAt: 6, fifthAt: 2, hasMin: false }) },
  Q5_1: { storage: q8WithMins, read: nibbles(0, { codesAt: 8, fifthAt: 4, hasMin: true }) },
  Q8_0: { storage: q8, read: readQ8 },
  Q4_K: { storage: q4WithMins, read: superblock({ codesAt: 16 }) },
  Q5_K: { storage: q8WithMins, read: superblock({ codesAt: 48, fifthAt: 16 }) },
  Q6_K: { storage: { size: 16, hasMins: false, format: "q8" }, read: readQ6 },
};

function isBlockDtype(dtype: Dtype): dtype is BlockDtype {
  return Object.hasOwn(FORMATS, dtype);
}

function storageOf(dtypes: readonly Dtype[], isWide = false): BlockStorage | null {
  if (!dtypes.every(isBlockDtype)) return null;
  const each = dtypes.map((dtype) => FORMATS[dtype].storage);
  const hasMins = each.some((one) => one.hasMins);
  // Of 4 bits codes count from the least weight or around 0.
  const isNarrow = !isWide && each.every((one) => one.format === "q4" && one.hasMins === hasMins);
  return { format: isNarrow ? "q4" : "q8", hasMins, size: each.some(({ size }) => size === 16) ? 16 : 32 };
}

/** Codes, scales and least weights of blocks, by the format's own block. */
function readBlocks(dtype: BlockDtype, bytes: Uint8Array): Codes {
  const { bytes: blockBytes, values } = DTYPES[dtype];
  const { storage, read } = FORMATS[dtype];
  const length = (bytes.length / blockBytes) * values;
  const made: Codes = {
    codes: new Int8Array(length),
    scales: new Float32Array(length / storage.size),
    mins: new Float32Array(length / storage.size),
  };
  for (let at = 0, to = 0; to < length; at += blockBytes, to += values) read(bytes, at, made, to);
  return made;
}

/** Scales as kernels hold them, each for `size` weights, its least weight behind it where blocks have one. */
function scalesFor({ codes, scales, mins }: Codes, { size, hasMins }: BlockStorage): Float32Array<ArrayBuffer> {
  const width = hasMins ? 2 : 1;
  const numBlocks = codes.length / size;
  const perScale = codes.length / scales.length;
  const out = new Float32Array(numBlocks * width);
  for (let block = 0; block < numBlocks; block++) {
    const from = Math.floor((block * size) / perScale);
    out[block * width] = scales[from];
    if (hasMins) out[block * width + 1] = mins[from];
  }
  return out;
}

function codesOf(dtype: BlockDtype, bytes: Uint8Array, storage: BlockStorage): Quantized {
  const read = readBlocks(dtype, bytes);
  const scales = scalesFor(read, storage);
  const { length } = read.codes;
  if (storage.format === "q8") {
    const codes = new Uint8Array(read.codes.buffer);
    for (let i = 0; i < length; i++) codes[i] ^= 128;
    return { codes, scales };
  }
  const codes = new Uint8Array(length / 2);
  const zero = storage.hasMins ? 0 : 8;
  for (let i = 0; i < length; i += 8)
    for (let j = 0; j < 4; j++) codes[i / 2 + j] = (read.codes[i + j] + zero) | ((read.codes[i + j + 4] + zero) << 4);
  return { codes, scales };
}

/** What is known of ggml's blocks. */
export const BLOCK_FORMATS: BlockFormats = {
  storage: storageOf,
  codes: codesOf,
  widen(dtype, bytes) {
    const { storage } = FORMATS[dtype];
    return dequantize(codesOf(dtype, bytes, storage), storage.format, storage);
  },
};
