import type { Architecture } from "../../architecture/architecture.js";
import { loadWeights, namedLayerTensors } from "../../architecture/tensors.js";
import type { Tensor } from "../../format/tensor.js";
import { ModelLoadError } from "../../vocabulary/errors.js";
import { productTensors } from "../first-product.js";
import { JOINT_NORMS } from "./key.js";

/** What a joint sampler may have that is no part of ours, and what it means. */
const REFUSED = [
  ["down_project.1.weight", "has weights of its own for each depth"],
  ["features_linear_layer.weight", "reads the states of several layers"],
  ["mlp.0.weight", "has a product in place of decoder layers"],
] as const;

/** A joint sampler's weights from its authors' names, by ours. Throws `ModelLoadError`. */
export function jointWeights(architecture: Architecture, file: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  for (const [name, what] of REFUSED) {
    if (!file.has(name)) continue;
    throw new ModelLoadError(`This joint sampler ${what} (tensor ${name}), which can't be run.`, "unsupported_config");
  }
  const { hiddenSize, layers } = architecture;
  const specs = productTensors(architecture, "down_project.0", file.has("down_project.0.bias"));
  for (const name of Object.values(JOINT_NORMS)) specs.push({ name, shape: [hiddenSize] });
  for (const i of layers.keys()) specs.push(...namedLayerTensors(architecture, `layers.0.${i}`));
  return new Map(
    [...loadWeights(architecture, file, specs)].map(([name, tensor]) => {
      const ours = name.replace("layers.0.", "layers.").replace("down_project.0.", "fc.");
      return [ours, { ...tensor, name: ours }];
    }),
  );
}
