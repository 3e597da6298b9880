import type { Dtype, Tensor } from "../format/safetensors.js";
import { ModelLoadError } from "../errors.js";
import type { TokenId } from "../events.js";
import type { GenerationDefaults } from "./generation-config.js";
import type { Capabilities } from "../model/session.js";

/** Function between the feed-forward matrices. */
export type Activation = "silu" | "gelu" | "gelu_tanh";

/** Everything that tells one transformer from another: plain data, read from `config.json` by `parseConfig`. */
export interface Architecture {
  modelType: string;
  vocabSize: number;
  hiddenSize: number;
  intermediateSize: number;
  numLayers: number;
  numHeads: number;
  /** Divides `numHeads`; query head h reads key-value head ⌊h · numKeyValueHeads / numHeads⌋. */
  numKeyValueHeads: number;
  /** `headDim · numHeads` may differ from `hiddenSize`. */
  headDim: number;
  norm: { kind: "rms"; eps: number };
  activation: Activation;
  /** RMS norm over each head of q and k, before the rotation. */
  qkNorm: boolean;
  qkvBias: boolean;
  /** Bias of the attention's output projection. */
  outputBias: boolean;
  mlpBias: boolean;
  rope: {
    /** Channels of a head that are rotated; channel i is paired with i + rotaryDim / 2. */
    rotaryDim: number;
    /** Radians per position, `rotaryDim / 2` of them. */
    inverseFrequencies: Float64Array;
    /** Factor on cosine and sine. */
    attentionScale: number;
  };
  /** Per layer: row q sees key k iff `position[q] − position[k] < window`; null sees all. */
  windows: (number | null)[];
  /** The output matrix is the embedding. */
  tied: boolean;
  /** Longest sequence, in tokens. */
  maxLength: number;
  bosToken: TokenId | null;
  eosTokens: TokenId[];
  maskToken: TokenId | null;
  causal: boolean;
  bidirectional: boolean;
  /** Trained block lengths, the model's own default first; empty when it wasn't trained by blocks. */
  blockLengths: number[];
  defaultBlockLength: number | null;
  /** Blocks begin at multiples of their length, counted from position 0. */
  blockAlign: "absolute";
  /** Predicts a masked position in place (no logit shift). */
  inPlace: boolean;
  /** Factor on q·k. */
  attentionScale: number;
  /** As `Capabilities.numTokens`. */
  numTokens?: number;
  /** How its authors would have it write; left out where they don't say. */
  generation?: GenerationDefaults;
  /** How the weights are said to be stored: good for a plan, not for reading them. */
  dtype?: Dtype;
}

/** A tensor a model must have, by its Hugging Face name. Matrices are `[out, in]`. */
export interface TensorSpec {
  name: string;
  shape: number[];
}

/** Every tensor the architecture needs, with its shape. */
export function tensorNames(architecture: Architecture): TensorSpec[] {
  const { vocabSize, hiddenSize, numLayers, tied } = architecture;
  const specs: TensorSpec[] = [{ name: "model.embed_tokens.weight", shape: [vocabSize, hiddenSize] }];
  for (let layer = 0; layer < numLayers; layer++) specs.push(...layerTensors(architecture, `model.layers.${layer}`));
  specs.push({ name: "model.norm.weight", shape: [hiddenSize] });
  if (!tied) specs.push({ name: "lm_head.weight", shape: [vocabSize, hiddenSize] });
  return specs;
}

/** The tensors of one layer, under this prefix; a head's first layer has no norm before its attention. */
export function layerTensors(architecture: Architecture, prefix: string, hasInputNorm = true): TensorSpec[] {
  const { hiddenSize, intermediateSize, numHeads, numKeyValueHeads, headDim } = architecture;
  const { qkNorm, qkvBias, outputBias, mlpBias } = architecture;
  const querySize = numHeads * headDim;
  const keySize = numKeyValueHeads * headDim;
  const specs: TensorSpec[] = [];
  const vector = (name: string, size: number) => specs.push({ name, shape: [size] });
  const linear = (name: string, out: number, width: number, hasBias: boolean) => {
    specs.push({ name: `${name}.weight`, shape: [out, width] });
    if (hasBias) vector(`${name}.bias`, out);
  };
  if (hasInputNorm) vector(`${prefix}.input_layernorm.weight`, hiddenSize);
  linear(`${prefix}.self_attn.q_proj`, querySize, hiddenSize, qkvBias);
  linear(`${prefix}.self_attn.k_proj`, keySize, hiddenSize, qkvBias);
  linear(`${prefix}.self_attn.v_proj`, keySize, hiddenSize, qkvBias);
  if (qkNorm) {
    vector(`${prefix}.self_attn.q_norm.weight`, headDim);
    vector(`${prefix}.self_attn.k_norm.weight`, headDim);
  }
  linear(`${prefix}.self_attn.o_proj`, hiddenSize, querySize, outputBias);
  vector(`${prefix}.post_attention_layernorm.weight`, hiddenSize);
  linear(`${prefix}.mlp.gate_proj`, intermediateSize, hiddenSize, mlpBias);
  linear(`${prefix}.mlp.up_proj`, intermediateSize, hiddenSize, mlpBias);
  linear(`${prefix}.mlp.down_proj`, hiddenSize, intermediateSize, mlpBias);
  return specs;
}

/**
 * The tensors the architecture needs, checked: a missing one and a wrong shape are a `ModelLoadError` that names the
 * tensor, what was found and what was expected. Tensors it doesn't need are left out.
 */
export function loadWeights(
  architecture: Architecture,
  tensors: ReadonlyMap<string, Tensor>,
  specs: readonly TensorSpec[] = tensorNames(architecture),
  file = "the weights",
): Map<string, Tensor> {
  const weights = new Map<string, Tensor>();
  for (const { name, shape } of specs) {
    const tensor = tensors.get(name);
    if (!tensor) {
      throw new ModelLoadError(
        `Tensor ${name} of shape [${shape.join(", ")}] is missing in ${file}: config.json (model_type ${architecture.modelType}) needs it.`,
        "missing_tensor",
      );
    }
    if (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis])) {
      throw new ModelLoadError(
        `Tensor ${name} has shape [${tensor.shape.join(", ")}], expected [${shape.join(", ")}] by config.json.`,
        "wrong_shape",
      );
    }
    weights.set(name, tensor);
  }
  return weights;
}

/** What a decoder may ask of a model of this architecture. `blockLengths` lists the model's own default first. */
export function capabilitiesOf(architecture: Architecture): Capabilities {
  return {
    name: architecture.modelType,
    rounding: null,
    causal: architecture.causal,
    bidirectional: architecture.bidirectional,
    blockLengths: architecture.blockLengths,
    tree: architecture.causal,
    truncate: true,
    inPlace: architecture.inPlace,
    maskToken: architecture.maskToken,
    maxLength: architecture.maxLength,
    vocabSize: architecture.vocabSize,
    numLayers: architecture.numLayers,
    anySubset: false,
    head: null,
    policyLengths: [],
    numMasks: 0,
    eosTokens: architecture.eosTokens,
    ...(architecture.numTokens === undefined ? {} : { numTokens: architecture.numTokens }),
    ...(architecture.generation ? { generation: architecture.generation } : {}),
  };
}
