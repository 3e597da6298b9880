import { tensorNames } from "../architecture/tensors.js";
import { loadArchitecture } from "../backend/webgpu/load/load.js";
import { shapeKey } from "../backend/webgpu/tuning/tuning-record.js";
import { folderName, type ModelSource } from "../format/source.js";
import { namedRounding } from "../seam/rounding.js";
import type { ModelSize } from "./chooser.js";
import type { ModelRef } from "./model-ref.js";

/** Weights are widened to 32 bits where they are on the CPU. */
const BYTES = 4;

/** How large a folder's model is, by its config. */
export async function modelSize(source: ModelSource, { blockLength, weights }: ModelRef): Promise<ModelSize> {
  const architecture = await loadArchitecture(source, { blockLength });
  const sizes = tensorNames(architecture).map(({ shape }) => shape.reduce((product, size) => product * size, 1));
  return {
    name: folderName(source.url),
    shape: `${architecture.layers.length} layers of ${shapeKey(architecture, namedRounding(weights) ?? null)}`,
    byteLength: BYTES * sizes.reduce((sum, size) => sum + size, 0),
  };
}
