import { DTYPES, type Tensor } from "../format/tensor.js";
import { widen, widenHalves } from "../format/widen.js";

/** Formats that tests round to. */
export type MadeBlocks = "Q8_0" | "Q5_0" | "Q4_K" | "Q6_K";

type Write = (values: Float32Array, out: Uint8Array, at: number) => void;

/** The bits of the nearest f16 to a number of its normal range. */
function halfOf(value: number): number {
  const size = Math.abs(value);
  if (size < 2 ** -24) return 0;
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  const steps = Math.round(size / 2 ** (exponent - 10));
  const bits = steps < 1024 && exponent === -14 ? steps : ((exponent + 15) << 10) + (steps - 1024);
  return (value < 0 ? 0x8000 : 0) | bits;
}

/** Writes a number as f16; what it then is. */
function putHalf(out: Uint8Array, at: number, value: number): number {
  const bits = halfOf(value);
  out[at] = bits & 255;
  out[at + 1] = bits >> 8;
  return widenHalves(Uint16Array.of(bits))[0];
}

const clamped = (value: number, least: number, most: number) => Math.max(least, Math.min(most, Math.round(value)));

const WRITE: Readonly<Record<MadeBlocks, Write>> = {
  Q8_0(values, out, at) {
    const peak = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const scale = putHalf(out, at, peak / 127) || 1;
    for (const [i, value] of values.entries()) out[at + 2 + i] = clamped(value / scale, -127, 127);
  },
  Q5_0(values, out, at) {
    const extreme = values.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
    const scale = putHalf(out, at, extreme / -16) || 1;
    for (const [i, value] of values.entries()) {
      const code = clamped(value / scale + 16, 0, 31);
      out[at + 6 + (i & 15)] |= (code & 15) << (i < 16 ? 0 : 4);
      out[at + 2 + (i >> 3)] |= (code >> 4) << (i & 7);
    }
  },
  Q4_K(values, out, at) {
    const blocks = Array.from({ length: 8 }, (_, i) => values.subarray(i * 32, (i + 1) * 32));
    const mins = blocks.map((block) => Math.max(0, -Math.min(...block)));
    const scales = blocks.map((block, i) => (Math.max(...block) + mins[i]) / 15);
    const unit = putHalf(out, at, Math.max(...scales) / 63) || 1;
    const minUnit = putHalf(out, at + 2, Math.max(...mins) / 63) || 1;
    for (const [i, block] of blocks.entries()) {
      const scale = clamped(scales[i] / unit, 0, 63);
      const min = clamped(mins[i] / minUnit, 0, 63);
      if (i < 4) {
        out[at + 4 + i] |= scale;
        out[at + 8 + i] |= min;
      } else {
        out[at + 8 + i] = (scale & 15) | ((min & 15) << 4);
        out[at + i] |= (scale >> 4) << 6;
        out[at + 4 + i] |= (min >> 4) << 6;
      }
      for (const [k, value] of block.entries()) {
        const code = clamped((value + min * minUnit) / (scale * unit || 1), 0, 15);
        out[at + 16 + (i >> 1) * 32 + k] |= code << ((i & 1) * 4);
      }
    }
  },
  Q6_K(values, out, at) {
    const scales = Array.from({ length: 16 }, (_, i) => {
      const block = values.subarray(i * 16, (i + 1) * 16);
      return block.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0) / -32;
    });
    const unit = putHalf(out, at + 208, Math.max(...scales.map(Math.abs)) / 127) || 1;
    for (const [i, value] of values.entries()) {
      const scale = clamped(scales[i >> 4] / unit, -127, 127);
      out[at + 192 + (i >> 4)] = scale;
      const code = clamped(value / (scale * unit || 1) + 32, 0, 63);
      const [part, quarter, k] = [i >> 7, (i >> 5) & 3, i & 31];
      out[at + part * 64 + (quarter & 1) * 32 + k] |= (code & 15) << ((quarter >> 1) * 4);
      out[at + 128 + part * 32 + k] |= (code >> 4) << (quarter * 2);
    }
  },
};

/** A matrix in blocks, rounded as simply as its format allows. */
export function inBlocks(tensor: Tensor, dtype: MadeBlocks): Tensor {
  const values = widen(tensor);
  const { values: length, bytes } = DTYPES[dtype];
  const out = new Uint8Array((values.length / length) * bytes);
  for (let block = 0; block < values.length / length; block++) {
    WRITE[dtype](values.subarray(block * length, (block + 1) * length), out, block * bytes);
  }
  return { ...tensor, dtype, bytes: out };
}
