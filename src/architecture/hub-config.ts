import type { Activation, FoldedRms, LayerSpec, RopeSpec } from "./architecture.js";
import type { ConfigFields } from "./config-fields.js";
import type { FamilyConfig } from "./family.js";
import { LEFT_TO_RIGHT } from "./reading.js";
import { readRope } from "./rope.js";

const ACTIVATIONS: Record<string, Activation> = {
  silu: "silu",
  swish: "silu",
  gelu: "gelu",
  gelu_new: "gelu_tanh",
  gelu_pytorch_tanh: "gelu_tanh",
};

/** The activation that a field names. */
export function readActivation(config: ConfigFields, field: string, fallback: string): Activation {
  const name = config.text(field, fallback);
  if (!Object.hasOwn(ACTIVATIONS, name)) throw config.unsupported(field, Object.keys(ACTIVATIONS).join(", "));
  return ACTIVATIONS[name];
}

/** Biases of all four projections of an attention, or of none. */
export function attentionBiases(config: ConfigFields, fallback = false): { qkvBias: boolean; outputBias: boolean } {
  const hasBias = config.flag("attention_bias", fallback);
  return { qkvBias: hasBias, outputBias: hasBias };
}

/** Which layers have a window: those that `layer_types` names, else those that `otherwise` does. */
export function isWindowedBy(
  config: ConfigFields,
  numLayers: number,
  otherwise: (layer: number) => boolean,
): boolean[] {
  const types = readLayerTypes(config, numLayers, ["full_attention", "sliding_attention"]);
  return Array.from({ length: numLayers }, (_, layer) =>
    types ? types[layer] === "sliding_attention" : otherwise(layer),
  );
}

/** No layer has a window; a config that says otherwise is refused. */
export function fullWindows(config: ConfigFields, numLayers: number): null[] {
  readLayerTypes(config, numLayers, ["full_attention"]);
  return Array<null>(numLayers).fill(null);
}

function readLayerTypes(config: ConfigFields, numLayers: number, supported: readonly string[]): string[] | null {
  const types = config.texts("layer_types");
  if (types && types.length !== numLayers) {
    throw config.unsupported("layer_types", `one entry for each of the ${numLayers} layers`);
  }
  if (types?.some((type) => !supported.includes(type))) throw config.unsupported("layer_types", supported.join(", "));
  return types;
}

/** Numbers of heads and their size; `headDim` is what counts where the config doesn't say it. */
export function readHeads(
  config: ConfigFields,
  headDimOf: (hiddenSize: number, numHeads: number) => number = (hiddenSize, numHeads) => hiddenSize / numHeads,
): Pick<FamilyConfig, "numHeads" | "numKeyValueHeads" | "headDim"> {
  const numHeads = config.count("num_attention_heads");
  const numKeyValueHeads = config.count("num_key_value_heads", numHeads);
  if (numHeads % numKeyValueHeads !== 0) {
    throw config.unsupported("num_key_value_heads", `a divisor of num_attention_heads ${numHeads}`);
  }
  const headDim = config.count("head_dim", headDimOf(config.count("hidden_size"), numHeads));
  if (headDim % 2 !== 0) throw config.unsupported("head_dim", "an even number", headDim);
  return { numHeads, numKeyValueHeads, headDim };
}

/** How a family differs from Llama in what `llamaLike` reads. */
export interface LlamaLike {
  /** Positions where the config doesn't say it. */
  maxLength: number;
  windows(config: ConfigFields, numLayers: number): readonly (number | null)[];
  headDim?(hiddenSize: number, numHeads: number): number;
  hasQkNorm?: boolean;
}

/** What a family with Llama's layers says by Llama's field names: RMS norms, gated feed-forward blocks, rotated heads. */
export function llamaLike(
  config: ConfigFields,
  { maxLength, windows, headDim, hasQkNorm = false }: LlamaLike,
): Omit<FamilyConfig, "qkvBias" | "outputBias" | "mlpBias"> {
  const hiddenSize = config.count("hidden_size");
  const numLayers = config.count("num_hidden_layers");
  const heads = readHeads(config, headDim);
  const activation = readActivation(config, "hidden_act", "silu");
  const norm: FoldedRms = { way: "folded", eps: config.optionalNumber("rms_norm_eps") ?? 1e-6, gainOffset: 0 };
  const rope = readRope(config, heads.headDim);
  const scale = 1 / Math.sqrt(heads.headDim);
  return {
    hiddenSize,
    intermediateSize: config.count("intermediate_size"),
    ...heads,
    embedding: { scale: 1, numPositions: null },
    layers: windows(config, numLayers).map((window) => gatedLayer({ norm, rope, window, scale, activation })),
    norm,
    qkNorm: hasQkNorm ? { eps: norm.eps, gainOffset: 0 } : null,
    tied: config.flag("tie_word_embeddings", false),
    maxLength: config.count("max_position_embeddings", maxLength),
    ...LEFT_TO_RIGHT,
  };
}

/** A layer with a gated feed-forward block, normed before each half. */
function gatedLayer(of: {
  norm: FoldedRms;
  rope: RopeSpec | null;
  window: number | null;
  scale: number;
  activation: Activation;
}): LayerSpec {
  const { norm, rope, window, scale, activation } = of;
  return {
    attention: { norm, after: null, rope, window, scale },
    mlp: { norm, after: null, kind: "gated", activation },
    isParallel: false,
  };
}
