import { type Architecture, capabilitiesOf } from "../../../architecture/architecture.js";
import { ANSWERED } from "../answers/index.js";
import { tensorNames } from "../../../architecture/tensors.js";
import type { Rounding } from "../../../seam/rounding.js";
import type { Gpu } from "../gpu/device.js";
import { type MatmulFamilyName, variantsFor } from "../ops/variants.js";
import { Transformer } from "../plan/transformer.js";
import type { TensorPlan } from "../../../format/tensor.js";
import { withinMemory } from "../plan/within-memory.js";
import { WebGpuModel } from "../session/webgpu-model.js";
import { randomWeights } from "./random-weights.js";

/** How a model of random weights is made. */
export interface RandomModelOptions {
  family: MatmulFamilyName;
  rounding: Rounding | null;
  /** Longest sequence. */
  context: number;
  signal?: AbortSignal;
}

/** A model of this architecture with `randomWeights`, on one family's kernels. Rejects with `OutOfMemoryError` or the signal's reason. */
export async function randomModel(
  gpu: Gpu,
  architecture: Architecture,
  { family, rounding, context, signal }: RandomModelOptions,
): Promise<WebGpuModel> {
  const { dtype = "F32" } = architecture;
  const specs = new Map<string, TensorPlan>(tensorNames(architecture).map((spec) => [spec.name, { ...spec, dtype }]));
  const maxLength = Math.min(context, architecture.maxLength);
  const capabilities = { ...capabilitiesOf(architecture), maxLength, answers: ANSWERED };
  const plan = (name: string) => specs.get(name) as TensorPlan;
  const has = (name: string) => specs.has(name);
  const variants = variantsFor(gpu.facts, family);
  const model = await withinMemory(
    gpu,
    family,
    () => new WebGpuModel(new Transformer(gpu, family, architecture, capabilities, plan, has, rounding, variants)),
  );
  try {
    await model.transformer.fillWeights(randomWeights(architecture), { signal });
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model;
}
