/** How four-bit weights of a matrix `[N, K]` are packed in words, eight in each. */
export interface Int4Layout {
  /** Words hold neighbours of K in order (`gptq`), or of N in AWQ's order. */
  way: "gptq" | "awq";
  /** What a stored zero point is less than what it stands for. */
  zeroBias: 0 | 1;
  /** Weights of a row that share a scale and a zero point: a multiple of 32. */
  groupSize: number;
}

/** The matrix's parts as stored. */
export interface Int4Parts {
  /** `gptq`: `[K/8, N]`; `awq`: `[K, N/8]`. */
  codes: Uint32Array;
  /** `[K/groupSize, N/8]`. */
  zeros: Uint32Array;
  /** f16, `[K/groupSize, N]`. */
  scales: Uint16Array;
}

/** Which column of eight the nibbles of a word of AWQ hold, from the lowest on. */
const AWQ_ORDER = [0, 2, 4, 6, 1, 3, 5, 7];
const IN_ORDER = [0, 1, 2, 3, 4, 5, 6, 7];
const BLOCK = 32;

/** Four-bit codes of a matrix that is packed so, `[N, K]`. */
function codesOf(codes: Uint32Array, { way }: Int4Layout, n: number, k: number): Uint8Array {
  const out = new Uint8Array(n * k);
  if (way === "gptq") {
    for (let word = 0; word < codes.length; word++) {
      const [column, row] = [Math.floor(word / n) * 8, word % n];
      for (let i = 0; i < 8; i++) out[row * k + column + i] = (codes[word] >>> (4 * i)) & 15;
    }
    return out;
  }
  const width = n / 8;
  for (let word = 0; word < codes.length; word++) {
    const [column, row] = [Math.floor(word / width), (word % width) * 8];
    for (let i = 0; i < 8; i++) out[(row + AWQ_ORDER[i]) * k + column] = (codes[word] >>> (4 * i)) & 15;
  }
  return out;
}

/** What stands for zero, by group and row: `[K/groupSize, N]`. */
function zerosOf(zeros: Uint32Array, { way, zeroBias }: Int4Layout): Uint8Array {
  const order = way === "awq" ? AWQ_ORDER : IN_ORDER;
  const out = new Uint8Array(zeros.length * 8);
  for (let word = 0; word < zeros.length; word++)
    for (let i = 0; i < 8; i++) out[word * 8 + order[i]] = ((zeros[word] >>> (4 * i)) & 15) + zeroBias;
  return out;
}

/**
 * The matrix as ggml's blocks of 32 with an f16 scale, which hold every number of it: Q4_0 where all codes count from 8 (`isSymmetric`),
 * else Q5_0. Null where `isSymmetric` isn't so.
 */
export function int4Blocks(
  { codes, zeros, scales }: Int4Parts,
  layout: Int4Layout,
  { n, k, isSymmetric }: { n: number; k: number; isSymmetric: boolean },
): Uint8Array<ArrayBuffer> | null {
  const numbers = codesOf(codes, layout, n, k);
  const zero = zerosOf(zeros, layout);
  const headBytes = isSymmetric ? 2 : 6;
  const blockBytes = headBytes + 16;
  const out = new Uint8Array((n * k * blockBytes) / BLOCK);
  for (let block = 0; block < (n * k) / BLOCK; block++) {
    const [row, column] = [Math.floor((block * BLOCK) / k), (block * BLOCK) % k];
    const group = Math.floor(column / layout.groupSize) * n + row;
    if (isSymmetric && zero[group] !== 8) return null;
    const at = block * blockBytes;
    out[at] = scales[group] & 255;
    out[at + 1] = scales[group] >> 8;
    for (let i = 0; i < BLOCK; i++) {
      const code = numbers[block * BLOCK + i] + (isSymmetric ? 0 : 16 - zero[group]);
      out[at + headBytes + (i & 15)] |= (code & 15) << (i < 16 ? 0 : 4);
      if (!isSymmetric) out[at + 2 + (i >> 3)] |= (code >> 4) << (i & 7);
    }
  }
  return out;
}
