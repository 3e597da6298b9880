import { type FloatDtype, rowsOf, type Tensor, type Weights } from "../../../format/tensor.js";
import type { Architecture } from "../../../architecture/architecture.js";
import { tensorNames } from "../../../architecture/tensors.js";

/** Bytes of a value, the bits of 1, the exponent that all magnitudes share (2^-7 or so), and where sign and mantissa are. */
const BITS: Readonly<Record<FloatDtype, { bytes: 2 | 4; one: number; exponent: number; free: number }>> = {
  F32: { bytes: 4, one: 0x3f800000, exponent: 0x3c000000, free: 0x807fffff },
  BF16: { bytes: 2, one: 0x3f80, exponent: 0x3c00, free: 0x807f },
  F16: { bytes: 2, one: 0x3c00, exponent: 0x2000, free: 0x83ff },
};

/**
 * The tensors of an architecture, made up as they are asked for: gains are 1, matrices have random signs and mantissas,
 * without a pattern that memory or multipliers could profit by. The same tensor every time.
 */
export function randomWeights(architecture: Architecture): Weights {
  const { dtype = "F32" } = architecture;
  const { bytes, one, exponent, free } = BITS[dtype];
  const tensors = new Map(
    tensorNames(architecture).map(({ name, shape }, i) => [name, { name, shape, dtype, seed: i + 1 }]),
  );
  const make = (name: string): Tensor => {
    const { shape, seed } = tensors.get(name) as { shape: number[]; seed: number };
    const length = shape.reduce((product, size) => product * size, 1);
    const words = bytes === 4 ? new Uint32Array(length) : new Uint16Array(length);
    let state = (seed * 2654435761) >>> 0;
    for (let i = 0; i < length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      // The low bits of such a generator repeat soon.
      const mixed = bytes === 4 ? state ^ (state >>> 15) : state >>> 16;
      words[i] = shape.length === 1 ? one : (mixed & free) | exponent;
    }
    return { name, dtype, shape, bytes: new Uint8Array(words.buffer) };
  };
  // Rows are asked for one part after the other.
  let last: Tensor | null = null;
  return {
    tensors,
    async read(name, rows) {
      if (last?.name !== name) last = make(name);
      return rows ? rowsOf(last, rows) : last;
    },
  };
}
