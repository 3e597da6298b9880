import type { Tensor } from "../checkpoint/safetensors.js";
import { widen } from "../checkpoint/widen.js";
import type { Arena } from "../gpu/arena.js";
import { ceil4 } from "../ops/op.js";
import type { WeightFormat, WeightMatrix } from "../ops/linear.js";

const FORMAT: Record<Tensor["dtype"], WeightFormat> = { F32: "f32", BF16: "bf16", F16: "f16" };

/** A vector (norm weights, biases) as f32, several joined end to end. */
export function uploadVector(arena: Arena, label: string, tensors: readonly Tensor[]): GPUBuffer {
  const length = tensors.reduce((sum, tensor) => sum + tensor.shape[0], 0);
  const out = new Float32Array(ceil4(length) * 4);
  let at = 0;
  for (const tensor of tensors) {
    out.set(widen(tensor), at);
    at += tensor.shape[0];
  }
  return arena.upload(label, out);
}

/**
 * Matrices `[N_i, K]` stacked to one `[ΣN_i, K]`, rows padded by zeros to a multiple of four. Keeps 16-bit storage
 * unless `shouldWiden` or the matrices differ in it.
 */
export function uploadMatrix(
  arena: Arena,
  label: string,
  tensors: readonly Tensor[],
  shouldWiden: boolean,
): WeightMatrix {
  const k = tensors[0].shape[1];
  const n = tensors.reduce((sum, tensor) => sum + tensor.shape[0], 0);
  const { dtype } = tensors[0];
  const keeps16 = dtype !== "F32" && !shouldWiden && tensors.every((tensor) => tensor.dtype === dtype);
  const stride = ceil4(k) * 4;
  const out = keeps16 ? new Uint16Array(n * stride) : new Float32Array(n * stride);
  let row = 0;
  for (const tensor of tensors) {
    const { buffer, byteOffset } = tensor.bytes;
    const values = keeps16 ? new Uint16Array(buffer, byteOffset, tensor.bytes.byteLength / 2) : widen(tensor);
    for (let i = 0; i < tensor.shape[0]; i++, row++) {
      out.set(values.subarray(i * k, (i + 1) * k), row * stride);
    }
  }
  return { buffer: arena.upload(label, out), format: keeps16 ? FORMAT[dtype] : "f32", n, k };
}
