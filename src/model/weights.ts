import type { Tensor } from "../checkpoint/safetensors.js";
import { widen } from "../checkpoint/widen.js";
import type { Arena } from "../gpu/arena.js";
import { ceil4 } from "../ops/op.js";
import type { WeightFormat, WeightMatrix } from "../ops/linear.js";
import { packPanels } from "../ops/panels.js";
import type { Panel } from "../ops/variants.js";

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

/** How a matrix is stored. */
export interface MatrixStorage {
  panel: Panel;
  shouldWiden: boolean;
  /** The tensors are gate and up of a feed-forward block, for the gated epilogue. */
  isGated?: boolean;
}

/**
 * Matrices `[N_i, K]` stacked to one `[ΣN_i, K]`, in panels. Keeps 16-bit storage unless `shouldWiden` or the matrices
 * differ in it.
 */
export function uploadMatrix(
  arena: Arena,
  label: string,
  tensors: readonly Tensor[],
  { panel, shouldWiden, isGated }: MatrixStorage,
): WeightMatrix {
  const k = tensors[0].shape[1];
  const n = tensors.reduce((sum, tensor) => sum + tensor.shape[0], 0);
  const { dtype } = tensors[0];
  const keeps16 = dtype !== "F32" && !shouldWiden && tensors.every((tensor) => tensor.dtype === dtype);
  const stacked = keeps16 ? new Uint16Array(n * k) : new Float32Array(n * k);
  let at = 0;
  for (const tensor of tensors) {
    const { buffer, byteOffset, byteLength } = tensor.bytes;
    stacked.set(keeps16 ? new Uint16Array(buffer, byteOffset, byteLength / 2) : widen(tensor), at);
    at += tensor.shape[0] * k;
  }
  const packed = packPanels(stacked, { n, k }, panel, isGated);
  return { buffer: arena.upload(label, packed), format: keeps16 ? FORMAT[dtype] : "f32", n, k };
}
