import type { Architecture } from "../../architecture/architecture.js";
import { loadWeights } from "../../architecture/tensors.js";
import { type CheckpointReading, loadCheckpoint } from "../../format/checkpoint.js";
import type { Tensor } from "../../format/tensor.js";
import type { ModelSource } from "../../format/source.js";
import { ModelLoadError } from "../../vocabulary/errors.js";

/** `model_type` in a policy's config. */
export const POLICY_TYPE = "block_policy";

/** A policy, read and checked against a model. */
export interface PolicyFile {
  kind: "policy";
  /** The block lengths that it scores, in order. */
  lengths: number[];
  /** `[lengths, hidden]` */
  weight: Tensor;
  /** `[lengths]` */
  bias: Tensor;
}

/**
 * Reads a policy that chooses the length of a model's next block by the model's state of the last token (after CtrlDiff, arXiv
 * 2505.14455): `config.json` `{ "model_type": "block_policy", "block_lengths": [...] }`, and tensors `policy.weight`
 * `[lengths, hidden]` and `policy.bias` `[lengths]`, whose product with what the LM head reads scores the lengths in that order.
 * The paper's authors published no code, so these names are ours. Throws `ModelLoadError` for a policy of another model.
 */
export async function readPolicy(
  architecture: Architecture,
  source: ModelSource,
  config: Readonly<Record<string, unknown>>,
  how: CheckpointReading,
): Promise<PolicyFile> {
  const lengths = blockLengthsOf(config, architecture.blockLengths);
  const specs = [
    { name: "policy.weight", shape: [lengths.length, architecture.hiddenSize] },
    { name: "policy.bias", shape: [lengths.length] },
  ];
  const weights = loadWeights(architecture, await loadCheckpoint(source, how), specs, "the policy");
  const [weight, bias] = specs.map(({ name }) => weights.get(name) as Tensor);
  return { kind: "policy", lengths, weight, bias };
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
