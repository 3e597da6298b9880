import { lengthPolicy } from "./webgpu.js";
import { loadCheckpoint } from "../../format/checkpoint.js";
import type { Tensor } from "../../format/safetensors.js";
import type { ModelSource, Progress } from "../../format/source.js";
import { ModelLoadError } from "../../vocabulary/errors.js";
import { loadWeights } from "../../architecture/tensors.js";
import type { WebGpuModel } from "../../backend/webgpu/session/webgpu-model.js";
import { emptyMatrix, emptyVector } from "../../backend/webgpu/plan/weights.js";

/** `model_type` in a policy's config. */
export const POLICY_TYPE = "block_policy";

/**
 * Loads a policy that chooses the length of a model's next block by the model's state of the last token (after CtrlDiff, arXiv
 * 2505.14455): `config.json` `{ "model_type": "block_policy", "block_lengths": [...] }`, and tensors `policy.weight`
 * `[lengths, hidden]` and `policy.bias` `[lengths]`, whose product with what the LM head reads scores the lengths in that order.
 * The paper's authors published no code, so these names are ours. Throws `ModelLoadError` for a policy of another model.
 */
export async function loadPolicy(
  model: WebGpuModel,
  source: ModelSource,
  config: Readonly<Record<string, unknown>>,
  options: { signal?: AbortSignal; onProgress?: (progress: Progress) => void },
): Promise<void> {
  const { arena, architecture, capabilities, variants } = model.transformer;
  const lengths = blockLengthsOf(config, capabilities.blockLengths);
  const [weight, bias] = [
    { name: "policy.weight", shape: [lengths.length, architecture.hiddenSize] },
    { name: "policy.bias", shape: [lengths.length] },
  ];
  const weights = loadWeights(architecture, await loadCheckpoint(source, options), [weight, bias], "the policy");
  const tensor = (name: string) => weights.get(name) as Tensor;
  const storage = { panel: variants.matmul.panel, shouldWiden: variants.widenWeights };
  const matrix = emptyMatrix(arena, "policy", [tensor(weight.name)], storage);
  const vector = emptyVector(arena, "policy bias", [tensor(bias.name)]);
  for (const { fill } of [matrix, vector]) fill(tensor);
  model.add(lengthPolicy({ w: matrix.matrix, bias: vector.buffer }));
  capabilities.policyLengths = lengths;
}

function blockLengthsOf({ block_lengths }: Readonly<Record<string, unknown>>, trained: readonly number[]): number[] {
  const lengths: readonly unknown[] = Array.isArray(block_lengths) ? block_lengths : [];
  const isAllowed = (length: unknown, i: number) => trained.includes(Number(length)) && lengths.indexOf(length) === i;
  if (lengths.length > 0 && lengths.every(isAllowed)) return lengths.map(Number);
  const allowed = trained.length > 0 ? `a list of some of ${trained.join(", ")}` : "none, as it doesn't read by blocks";
  throw new ModelLoadError(
    `The policy's config.json says block_lengths ${JSON.stringify(block_lengths)}; of this model's lengths it must be ${allowed}.`,
    "wrong_head",
  );
}
