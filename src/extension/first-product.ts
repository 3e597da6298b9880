import type { Architecture } from "../architecture/architecture.js";
import type { TensorSpec } from "../architecture/tensors.js";

/** The tensors of a head's first product, of [token; state]. */
export function productTensors({ hiddenSize }: Architecture, name: string, hasBias: boolean): TensorSpec[] {
  const specs: TensorSpec[] = [{ name: `${name}.weight`, shape: [hiddenSize, 2 * hiddenSize] }];
  if (hasBias) specs.push({ name: `${name}.bias`, shape: [hiddenSize] });
  return specs;
}
