/** Weights of a row that share one scale. */
export const BLOCK = 32;

/** How weights of a row share scales: so many in a block, which has a least weight beside its scale or not. */
export interface BlockShape {
  size: 32 | 16;
  hasMins: boolean;
}

/** What `quantize` makes. */
export const PLAIN_BLOCKS: BlockShape = { size: BLOCK, hasMins: false };

/** Storage of weights in few bits: 8 or 4. */
export type QuantFormat = "q8" | "q4";

/** A matrix in units of its blocks' scales. */
export interface Quantized {
  /** `[N, K]` bytes, each 128 more than its value (q8), or `[N, K/2]` bytes: nibbles, 8 more unless blocks have a least weight, as `weights.wgsl` reads them (q4). */
  codes: Uint8Array<ArrayBuffer>;
  /** `[N, K/32]`, or for blocks of another shape a scale for each, with its least weight behind it where there is one. */
  scales: Float32Array<ArrayBuffer>;
}

/**
 * Rounds a matrix whose rows are whole blocks to q8 or q4. q8: the largest magnitude of a block becomes 127. q4: the
 * number of largest magnitude becomes -8. As ggml's Q8_0 and Q4_0 do (`ggml-quants.c`), with scales of 32 bits.
 */
export function quantize(values: Float32Array, format: QuantFormat): Quantized {
  const numBlocks = values.length / BLOCK;
  const scales = new Float32Array(numBlocks);
  const codes = new Uint8Array(format === "q8" ? values.length : values.length / 2);
  for (let block = 0; block < numBlocks; block++) {
    const from = block * BLOCK;
    let extreme = 0;
    for (let i = from; i < from + BLOCK; i++) {
      // No code stands for what isn't finite: the scale does.
      if (!(Math.abs(values[i]) <= Math.abs(extreme))) extreme = values[i];
      if (!Number.isFinite(extreme)) break;
    }
    if (extreme !== 0) scales[block] = format === "q8" ? Math.abs(extreme) / 127 : extreme / -8;
    const inverse = extreme === 0 ? 0 : 1 / scales[block];
    for (let i = 0; i < BLOCK; i++) {
      const value = values[from + i] * inverse;
      if (format === "q8") codes[from + i] = Math.round(value) + 128;
      else {
        const code = Math.min(15, Math.round(value) + 8);
        const isHigh = i % 8 >= 4;
        codes[from / 2 + Math.floor(i / 8) * 4 + (i % 4)] |= isHigh ? code << 4 : code;
      }
    }
  }
  return { codes, scales };
}

/** The numbers that a quantised matrix stands for, with products and sums rounded to f32. */
export function dequantize(
  { codes, scales }: Quantized,
  format: QuantFormat,
  { size, hasMins }: BlockShape = PLAIN_BLOCKS,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(codes.length * (format === "q8" ? 1 : 2));
  const zero = format === "q8" ? 128 : hasMins ? 0 : 8;
  for (let i = 0; i < values.length; i++) {
    const byte = format === "q8" ? codes[i] : codes[Math.floor(i / 8) * 4 + (i % 4)];
    const code = (format === "q8" ? byte : i % 8 >= 4 ? byte >> 4 : byte & 15) - zero;
    const block = Math.floor(i / size);
    values[i] = hasMins ? Math.fround(code * scales[block * 2]) + scales[block * 2 + 1] : code * scales[block];
  }
  return values;
}
