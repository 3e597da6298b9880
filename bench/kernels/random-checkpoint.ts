import { type Architecture, tensorNames } from "../../src/model/architecture.js";

/** 1 as f16. */
const ONE = 0x3c00;
/** Exponent and range of magnitudes: 2^-6 to 2^-5, near what trained matrices of this size hold. */
const MAGNITUDE = 0x2400;

/**
 * A safetensors file of f16 with the tensors that the architecture needs: gains of norms are 1, the rest is random, the
 * same every time. Data of any size is made in one pass.
 */
export function randomCheckpoint(architecture: Architecture): Uint8Array<ArrayBuffer> {
  const header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }> = {};
  let end = 0;
  for (const { name, shape } of tensorNames(architecture)) {
    const begin = end;
    end += shape.reduce((product, size) => product * size, 2);
    header[name] = { dtype: "F16", shape, data_offsets: [begin, end] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  // Padded by spaces, so that the data starts on a multiple of eight.
  const headerBytes = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, 8, 8 + headerBytes);
  file.set(text, 8);
  const words = new Uint16Array(file.buffer, 8 + headerBytes, end / 2);
  let state = 1;
  for (const { shape, data_offsets: offsets } of Object.values(header)) {
    const [from, to] = offsets.map((offset) => offset / 2);
    if (shape.length === 1) {
      words.fill(ONE, from, to);
      continue;
    }
    for (let i = from; i < to; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      // The high bits, since the low ones of such a generator repeat soon: sign and ten bits of mantissa.
      words[i] = ((state >>> 16) & 0x83ff) | MAGNITUDE;
    }
  }
  return file;
}
