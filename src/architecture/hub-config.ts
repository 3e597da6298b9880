import type { Activation, FoldedRms } from "./architecture.js";
import type { ConfigFields } from "./config-fields.js";
import type { FamilyConfig } from "./family.js";
import { LEFT_TO_RIGHT } from "./reading.js";
import { readLengths, readRope, type RopeFamily } from "./rope.js";

const ACTIVATIONS: Record<string, Activation> = {
  silu: "silu",
  swish: "silu",
  gelu: "gelu",
  gelu_python: "gelu",
  gelu_new: "gelu_tanh",
  gelu_fast: "gelu_tanh",
  gelu_accurate: "gelu_tanh",
  gelu_pytorch_tanh: "gelu_tanh",
  gelu_python_tanh: "gelu_tanh",
  relu: "relu",
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

/** The kinds of the layers' attention, or null where the config doesn't list them. */
export function readLayerTypes(config: ConfigFields, numLayers: number, supported: readonly string[]): string[] | null {
  const types = config.texts("layer_types");
  if (types && types.length !== numLayers) {
    throw config.unsupported("layer_types", `one entry for each of the ${numLayers} layers`);
  }
  if (types?.some((type) => !supported.includes(type))) throw config.unsupported("layer_types", supported.join(", "));
  return types;
}

/** What counts where a config doesn't say the size of a head, or has no field for its groups of heads (null: each head is one). */
export interface HeadDefaults {
  headDim?(hiddenSize: number, numHeads: number): number;
  numKeyValueHeads?: number;
}

/** Numbers of heads and their size. */
export function readHeads(
  config: ConfigFields,
  {
    headDim: headDimOf = (hiddenSize, numHeads) => Math.floor(hiddenSize / numHeads),
    numKeyValueHeads: groups,
  }: HeadDefaults = {},
): Pick<FamilyConfig, "numHeads" | "numKeyValueHeads" | "headDim"> {
  const numHeads = config.count("num_attention_heads");
  const isSilent = groups !== undefined && !config.has("num_key_value_heads");
  const numKeyValueHeads = isSilent ? groups : config.count("num_key_value_heads", numHeads);
  if (numHeads % numKeyValueHeads !== 0) {
    const divisor = `a divisor of num_attention_heads ${numHeads}`;
    throw config.unsupported("num_key_value_heads", divisor, numKeyValueHeads);
  }
  const headDim = config.count("head_dim", headDimOf(config.count("hidden_size"), numHeads));
  config.checkHeadDim(config.has("head_dim") && !config.isNull("head_dim") ? "head_dim" : "hidden_size", headDim);
  if (headDim % 2 !== 0) throw config.unsupported("head_dim", "an even number", headDim);
  return { numHeads, numKeyValueHeads, headDim };
}

/** How a family differs from Llama in what `llamaLike` reads. */
export interface LlamaLike extends HeadDefaults {
  /** Positions where the config doesn't say it. */
  maxLength: number;
  windows(config: ConfigFields, numLayers: number): readonly (number | null)[];
  hasQkNorm?: boolean;
  rope?: RopeFamily;
  /** Added to mean squares where the config doesn't say it; default: 1e-6. */
  eps?: number;
  /** Whether a layer rotates its heads; left out: all do. */
  rotates?(config: ConfigFields, numLayers: number): readonly boolean[];
  /** Whether the LM head is the embedding where the config doesn't say it. */
  isTied?: boolean;
}

/** What a family with Llama's layers says by Llama's field names: RMS norms, gated feed-forward blocks, rotated heads. */
export function llamaLike(
  config: ConfigFields,
  { maxLength, windows, hasQkNorm = false, rope: ropes, eps = 1e-6, rotates, isTied = false, ...defaults }: LlamaLike,
): Omit<FamilyConfig, "qkvBias" | "outputBias" | "mlpBias"> {
  const hiddenSize = config.count("hidden_size");
  const numLayers = config.layers("num_hidden_layers");
  const heads = readHeads(config, defaults);
  const activation = readActivation(config, "hidden_act", "silu");
  const norm: FoldedRms = { way: "folded", eps: config.optionalNumber("rms_norm_eps") ?? eps, gainOffset: 0 };
  const rope = readRope(config, heads.headDim, ropes);
  const rotated = rotates?.(config, numLayers);
  const scale = 1 / Math.sqrt(heads.headDim);
  return {
    hiddenSize,
    intermediateSize: config.count("intermediate_size"),
    ...heads,
    embedding: { scale: 1, numPositions: null },
    layers: windows(config, numLayers).map((window, layer) => ({
      attention: { norm, after: null, rope: (rotated?.[layer] ?? true) ? rope : null, window, scale },
      mlp: { norm, after: null, kind: "gated", activation },
      isParallel: false,
    })),
    norm,
    qkNorm: hasQkNorm ? { eps: norm.eps, gainOffset: 0 } : null,
    tied: config.flag("tie_word_embeddings", isTied),
    ...readLengths(config, maxLength, [rope]),
    ...LEFT_TO_RIGHT,
  };
}
