import type { WebGpuModel } from "../../backend/webgpu/session/webgpu-model.js";
import { emptyMatrix } from "../../backend/webgpu/plan/empty-matrix.js";
import { emptyVector } from "../../backend/webgpu/plan/weights.js";
import type { PolicyFile } from "./policy-file.js";
import { lengthPolicy } from "./webgpu.js";

/** Puts a policy's weights on the device, and it beside the model's sessions. */
export function loadPolicy(model: WebGpuModel, { lengths, weight, bias }: PolicyFile): void {
  const { arena, capabilities, variants } = model.transformer;
  const storage = { panel: variants.matmul.panel, widensF16: variants.widensF16 };
  const matrix = emptyMatrix(arena, "policy", [weight], storage);
  const vector = emptyVector(arena, "policy bias", [bias]);
  matrix.put([weight]);
  vector.put([bias]);
  model.add(lengthPolicy({ w: matrix.matrix, bias: vector.buffer }));
  capabilities.policyLengths = lengths;
}
