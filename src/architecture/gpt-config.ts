import type { PlainNorm } from "./architecture.js";
import type { ConfigFields } from "./config-fields.js";
import type { FamilyConfig, LayerRole, OuterRole, Stored } from "./family.js";
import { LEFT_TO_RIGHT } from "./reading.js";

/** What GPT's checkpoints hold as one matrix, in its order. */
const FUSED: readonly string[] = ["attention.q", "attention.k", "attention.v"];

/** Which part of the matrix of q, k and v this role is; null for what is stored by itself. */
export function fusedPart(role: LayerRole | OuterRole): Stored["part"] | null {
  const index = FUSED.indexOf(role);
  return index < 0 ? null : { index, of: FUSED.length };
}

/** What GPT-2 and its kin have in common. */
type GptLike = Omit<FamilyConfig, "intermediateSize" | "embedding" | "layers" | "norm" | "tied" | "maxLength"> & {
  norm: PlainNorm;
};

/** What a family with GPT-2's layers says, by its own field names: heads that share the states out evenly, layer norms, biases. */
export function gptLike(
  config: ConfigFields,
  { size, heads, eps }: { size: string; heads: string; eps: string },
): GptLike {
  const hiddenSize = config.count(size);
  const numHeads = config.count(heads);
  if (hiddenSize % numHeads !== 0) throw config.unsupported(heads, `a divisor of ${size} ${hiddenSize}`);
  config.checkHeadDim(size, hiddenSize / numHeads);
  for (const [name, own] of [
    ["head_dim", hiddenSize / numHeads],
    ["num_key_value_heads", numHeads],
  ] as const) {
    if ((config.optionalNumber(name) ?? own) !== own) throw config.unsupported(name, `${own} or nothing`);
  }
  return {
    hiddenSize,
    numHeads,
    numKeyValueHeads: numHeads,
    headDim: hiddenSize / numHeads,
    norm: { way: "plain", kind: "layer", eps: config.optionalNumber(eps) ?? 1e-5, gainOffset: 0, hasBias: true },
    qkNorm: null,
    qkvBias: true,
    outputBias: true,
    mlpBias: true,
    ...LEFT_TO_RIGHT,
  };
}
