import type { Architecture } from "../../../architecture/architecture.js";
import { BUILT_IN } from "../../../extension/webgpu.js";
import { memoryCheckpoint } from "../../../format/memory-checkpoint.js";
import type { Tensor } from "../../../format/tensor.js";
import type { Rounding } from "../../../seam/rounding.js";
import type { Gpu } from "../gpu/device.js";
import { Transformer } from "../plan/transformer.js";
import { WebGpuModel } from "../session/webgpu-model.js";
import { webgpuCapabilities } from "./capabilities.js";

/** A model of tensors that are at hand, by our own names, on the adapter's usual kernels. */
export async function madeModel(
  gpu: Gpu,
  name: string,
  architecture: Architecture,
  tensors: ReadonlyMap<string, Tensor>,
  rounding: Rounding | null = null,
): Promise<WebGpuModel> {
  const tensor = (id: string) => tensors.get(id) as Tensor;
  const has = (id: string) => tensors.has(id);
  const capabilities = webgpuCapabilities(architecture);
  const transformer = new Transformer(gpu, name, architecture, capabilities, tensor, has, rounding);
  await transformer.fillWeights(memoryCheckpoint(tensors));
  return new WebGpuModel(transformer, BUILT_IN);
}
