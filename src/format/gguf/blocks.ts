import { DTYPES, type BlockDtype } from "../tensor.js";
import { halfBits } from "../widen.js";

/**
 * Writes the weights of the block that starts at byte `at` to `out`, from `to` on. `half` gives the f16 at a byte. Every product and
 * difference is rounded to f32, as ggml's definition has it (`dequantize_row_*` in ggml-quants.c).
 */
type WidenBlock = (bytes: Uint8Array, at: number, out: Float32Array, to: number, half: (at: number) => number) => void;

const { fround } = Math;

/** Blocks of 32 in 4 or 5 bits: byte i has element i in its low half, element i + 16 in its high one. `fifth` is where the fifth bits stand. */
function nibbles(
  codes: number,
  offset: number,
  { hasMin, fifth }: { hasMin: boolean; fifth: number | null },
): WidenBlock {
  return (bytes, at, out, to, half) => {
    const scale = half(at);
    const least = hasMin ? half(at + 2) : 0;
    for (let i = 0; i < 16; i++) {
      const byte = bytes[at + codes + i];
      let low = byte & 15;
      let high = byte >> 4;
      if (fifth !== null) {
        low |= ((bytes[at + fifth + (i >> 3)] >> (i & 7)) & 1) << 4;
        high |= ((bytes[at + fifth + 2 + (i >> 3)] >> (i & 7)) & 1) << 4;
      }
      out[to + i] = hasMin ? fround(low * scale) + least : (low - offset) * scale;
      out[to + i + 16] = hasMin ? fround(high * scale) + least : (high - offset) * scale;
    }
  };
}

const q8: WidenBlock = (bytes, at, out, to, half) => {
  const scale = half(at);
  for (let i = 0; i < 32; i++) out[to + i] = ((bytes[at + 2 + i] << 24) >> 24) * scale;
};

/** Superblocks of 8 × 32 whose scales and minima have 6 bits. `fifth` is where the fifth bits stand: bit s of byte i for element i of block s. */
function superblock(codes: number, fifth: number | null): WidenBlock {
  return (bytes, at, out, to, half) => {
    const [scales, minima] = [half(at), half(at + 2)];
    for (let block = 0; block < 8; block++) {
      const i = at + 4 + (block & 3);
      const isLate = block > 3;
      const code = isLate ? (bytes[i + 8] & 15) | ((bytes[i] >> 6) << 4) : bytes[i] & 63;
      const minimum = isLate ? (bytes[i + 8] >> 4) | ((bytes[i + 4] >> 6) << 4) : bytes[i + 4] & 63;
      const scale = fround(scales * code);
      const least = fround(minima * minimum);
      const from = at + codes + (block >> 1) * 32;
      const shift = (block & 1) * 4;
      for (let k = 0; k < 32; k++) {
        let value = (bytes[from + k] >> shift) & 15;
        if (fifth !== null) value |= ((bytes[at + fifth + k] >> block) & 1) << 4;
        out[to + block * 32 + k] = fround(scale * value) - least;
      }
    }
  };
}

/** Sixteen blocks of 16, in halves of 128: four elements 32 apart share a byte of high bits. */
const q6k: WidenBlock = (bytes, at, out, to, half) => {
  const whole = half(at + 208);
  for (let i = 0; i < 256; i++) {
    const [part, quarter, k] = [i >> 7, (i >> 5) & 3, i & 31];
    const low = (bytes[at + part * 64 + (quarter & 1) * 32 + k] >> ((quarter >> 1) * 4)) & 15;
    const high = (bytes[at + 128 + part * 32 + k] >> (quarter * 2)) & 3;
    const scale = fround(whole * ((bytes[at + 192 + (i >> 4)] << 24) >> 24));
    out[to + i] = scale * ((low | (high << 4)) - 32);
  }
};

const WIDEN: Readonly<Record<BlockDtype, WidenBlock>> = {
  Q4_0: nibbles(2, 8, { hasMin: false, fifth: null }),
  Q4_1: nibbles(4, 0, { hasMin: true, fifth: null }),
  Q5_0: nibbles(6, 16, { hasMin: false, fifth: 2 }),
  Q5_1: nibbles(8, 0, { hasMin: true, fifth: 4 }),
  Q8_0: q8,
  Q4_K: superblock(16, null),
  Q5_K: superblock(48, 16),
  Q6_K: q6k,
};

/** The weights of whole blocks as f32, bit for bit as ggml defines them; a scale that isn't finite gives what arithmetic makes of it. */
export function widenBlocks(bytes: Uint8Array, dtype: BlockDtype): Float32Array<ArrayBuffer> {
  const { values, bytes: blockBytes } = DTYPES[dtype];
  const numBlocks = bytes.length / blockBytes;
  const out = new Float32Array(numBlocks * values);
  const bits = halfBits();
  const halves = new Float32Array(bits.buffer);
  const half = (at: number) => halves[bytes[at] | (bytes[at + 1] << 8)];
  const widen = WIDEN[dtype];
  for (let block = 0; block < numBlocks; block++) widen(bytes, block * blockBytes, out, block * values, half);
  return out;
}
