import type { Architecture } from "../../architecture/architecture.js";
import { loadWeights, namedLayerTensors } from "../../architecture/tensors.js";
import type { Tensor } from "../../format/tensor.js";
import { productTensors } from "../first-product.js";

/** An EAGLE head's weights as its authors publish them, by our names. Throws `ModelLoadError`. */
export function eagleWeights(architecture: Architecture, file: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const specs = productTensors(architecture, "fc", file.has("fc.bias"));
  for (const i of architecture.layers.keys()) specs.push(...namedLayerTensors(architecture, `layers.${i}`, i > 0));
  return loadWeights(architecture, file, specs);
}
