import type { Architecture } from "../architecture/architecture.js";
import type { TensorSpec } from "../architecture/tensors.js";
import { FC_HALVES } from "../backend/webgpu/plan/transformer.js";
import { halfColumns } from "../format/half-columns.js";
import type { Tensor } from "../format/safetensors.js";

/** The tensors of a head's first product, of [token; state]. */
export function productTensors({ hiddenSize }: Architecture, name: string, hasBias: boolean): TensorSpec[] {
  const specs: TensorSpec[] = [{ name: `${name}.weight`, shape: [hiddenSize, 2 * hiddenSize] }];
  if (hasBias) specs.push({ name: `${name}.bias`, shape: [hiddenSize] });
  return specs;
}

/** Sets the first product's matrix for token and state apart. */
export function setHalves(weights: Map<string, Tensor>, from: string): void {
  for (const [i, name] of FC_HALVES.entries()) weights.set(name, halfColumns(weights.get(from) as Tensor, i, name));
}
