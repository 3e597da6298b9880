import { widenHalves } from "../widen.js";

const { fround } = Math;

/** The f32 of every byte, by how it is stored: floats as OCP's FP8 has them, and signed whole numbers. */
const NUMBERS: Readonly<Record<ByteDtype, () => Float32Array>> = {
  F8_E4M3: () => Float32Array.from({ length: 256 }, (_, byte) => (byte < 128 ? 1 : -1) * e4m3(byte & 127)),
  F8_E5M2: () => widenHalves(Uint16Array.from({ length: 256 }, (_, byte) => byte << 8)),
  I8: () => Float32Array.from({ length: 256 }, (_, byte) => (byte << 24) >> 24),
};

/** Weights of a byte each. */
export type ByteDtype = "F8_E4M3" | "F8_E5M2" | "I8";

/** Whether weights of this format have a byte each. */
export function isByteDtype(dtype: string): dtype is ByteDtype {
  return Object.hasOwn(NUMBERS, dtype);
}

/** A finite number with a sign of 0; the format has no infinity, and one NaN. */
function e4m3(bits: number): number {
  if (bits === 127) return Number.NaN;
  const exponent = bits >> 3;
  return exponent === 0 ? (bits & 7) * 2 ** -9 : (8 + (bits & 7)) * 2 ** (exponent - 10);
}

/** Factors of a matrix: one for all of it, for each row, or for each block of rows and columns. */
export interface Factors {
  values: Float32Array;
  /** Rows and columns that share one. */
  rows: number;
  columns: number;
  /** Factors in a row of them. */
  width: number;
}

/** Rows of a matrix `[., k]` from `firstRow` on, each number times its factor, rounded to f32 once. */
export function scaledRows(
  dtype: ByteDtype,
  bytes: Uint8Array,
  { k, firstRow }: { k: number; firstRow: number },
  { values, rows, columns, width }: Factors,
): Float32Array<ArrayBuffer> {
  const numbers = NUMBERS[dtype]();
  const out = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    const row = firstRow + Math.floor(i / k);
    const factor = values[Math.floor(row / rows) * width + Math.floor((i % k) / columns)];
    out[i] = fround(numbers[bytes[i]] * factor);
  }
  return out;
}

/** Floats of a byte each as f16, which holds all of them. */
export function halvesOf(dtype: "F8_E4M3" | "F8_E5M2", bytes: Uint8Array): Uint16Array<ArrayBuffer> {
  if (dtype === "F8_E5M2") return Uint16Array.from(bytes, (byte) => byte << 8);
  const table = Uint16Array.from({ length: 256 }, (_, byte) => halfOfE4M3(byte));
  return Uint16Array.from(bytes, (byte) => table[byte]);
}

function halfOfE4M3(byte: number): number {
  const sign = (byte & 128) << 8;
  const bits = byte & 127;
  if (bits === 127) return sign | 0x7e00;
  if (bits >> 3 > 0) return sign | ((bits + (8 << 3)) << 7);
  // Below its normal numbers f16 still has normal ones: m 2^-9 = 1.x 2^e.
  const m = bits & 7;
  if (m === 0) return sign;
  const top = 31 - Math.clz32(m);
  return sign | ((top - 9 + 15) << 10) | ((m << (10 - top)) & 1023);
}
