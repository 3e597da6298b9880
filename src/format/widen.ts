import { invariant } from "../vocabulary/errors.js";
import { blockFormats } from "./block-formats.js";
import type { Tensor } from "./tensor.js";

let halfTable: Uint32Array | null = null;

/** The f32 bits of every f16: exact, with subnormals, infinities and NaN payloads. */
export function halfBits(): Uint32Array {
  if (halfTable) return halfTable;
  const table = new Uint32Array(1 << 16);
  const value = new Float32Array(1);
  const bits = new Uint32Array(value.buffer);
  for (let half = 0; half < 1 << 16; half++) {
    const sign = (half & 0x8000) << 16;
    const exponent = (half >>> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 0) {
      value[0] = fraction * 2 ** -24;
      table[half] = sign | bits[0];
    } else {
      table[half] = sign | ((exponent === 31 ? 255 : exponent + 112) << 23) | (fraction << 13);
    }
  }
  halfTable = table;
  return table;
}

/** The values as f32, exactly; of blocks, as ggml defines them. An F32 tensor gives a view on its own bytes; the others a new array. */
export function widen(tensor: Tensor): Float32Array<ArrayBuffer> {
  const { dtype, bytes: stored8 } = tensor;
  const { buffer, byteOffset, byteLength } = stored8;
  if (dtype !== "F32" && dtype !== "F16" && dtype !== "BF16") {
    const formats = blockFormats();
    invariant(formats, "blocks come from files whose reader knows them");
    return formats.widen(dtype, stored8);
  }
  if (dtype === "F32") return new Float32Array(buffer, byteOffset, byteLength / 4);
  const stored = new Uint16Array(buffer, byteOffset, byteLength / 2);
  if (dtype === "F16") return widenHalves(stored);
  const bits = new Uint32Array(stored.length);
  for (let i = 0; i < stored.length; i++) bits[i] = stored[i] << 16;
  return new Float32Array(bits.buffer);
}

/** Numbers of 16 bits, given by these, as f32, exactly. */
export function widenHalves(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(halves.length);
  const table = halfBits();
  for (let i = 0; i < halves.length; i++) bits[i] = table[halves[i]];
  return new Float32Array(bits.buffer);
}
