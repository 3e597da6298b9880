import type { Dtype } from "../format/safetensors.js";
import { InvalidOptionError, ModelLoadError } from "../errors.js";
import type { Activation, Architecture } from "./architecture.js";
import { ConfigFields } from "./config-fields.js";
import { inverseFrequencies } from "./rope-frequencies.js";

/** What sets a `model_type` apart from a plain Llama. A new architecture of the family is one row. */
interface Family {
  qkNorm: boolean;
  /** Biases of q, k, v and of the output projection. */
  biases(config: ConfigFields): { qkvBias: boolean; outputBias: boolean };
  hasMlpBias: boolean;
  /** Head size where config.json doesn't say it. */
  headDim(hiddenSize: number, numHeads: number): number;
  /** Honours `use_sliding_window` and `layer_types`. */
  hasWindows: boolean;
  /** Positions where config.json doesn't say it. */
  maxLength: number;
  /** Read by blocks, each seeing itself whole: predicts masks instead of the next token. */
  isBlockDiffusion: boolean;
}

const fromAttentionBias = (config: ConfigFields) => {
  const hasBias = config.flag("attention_bias", false);
  return { qkvBias: hasBias, outputBias: hasBias };
};

const llama: Family = {
  qkNorm: false,
  biases: fromAttentionBias,
  hasMlpBias: true,
  headDim: (hiddenSize, numHeads) => hiddenSize / numHeads,
  hasWindows: false,
  maxLength: 2048,
  isBlockDiffusion: false,
};
const qwen2: Family = {
  ...llama,
  biases: () => ({ qkvBias: true, outputBias: false }),
  hasMlpBias: false,
  hasWindows: true,
  maxLength: 32768,
};
const qwen3: Family = { ...qwen2, qkNorm: true, biases: fromAttentionBias, headDim: () => 128 };

const FAMILIES: Record<string, Family> = { llama, qwen2, qwen3, "a2d-qwen3": { ...qwen3, isBlockDiffusion: true } };

const ACTIVATIONS: Record<string, Activation> = {
  silu: "silu",
  swish: "silu",
  gelu: "gelu",
  gelu_new: "gelu_tanh",
  gelu_pytorch_tanh: "gelu_tanh",
};

/** Positions that one step chooses for at most. */
const MAX_BLOCK = 64;

const DTYPES = new Map<string, Dtype>([
  ["float32", "F32"],
  ["float16", "F16"],
  ["bfloat16", "BF16"],
]);

/**
 * The architecture that a parsed `config.json` describes, in the hub's style or that of transformers 5.
 * End tokens of `generation_config.json` join its own. What can't be honoured is refused by name, with what can be.
 */
export function parseConfig(json: unknown, generationJson: unknown = {}): Architecture {
  const config = new ConfigFields(json);
  const modelType = config.text("model_type", "");
  const family = Object.hasOwn(FAMILIES, modelType) ? FAMILIES[modelType] : undefined;
  if (!family) throw config.unsupported("model_type", Object.keys(FAMILIES).join(", "));
  if (config.record("quantization_config"))
    throw config.unsupported("quantization_config", "weights in F32, F16 or BF16");

  const hiddenSize = config.count("hidden_size");
  const numLayers = config.count("num_hidden_layers");
  const numHeads = config.count("num_attention_heads");
  const numKeyValueHeads = config.count("num_key_value_heads", numHeads);
  if (numHeads % numKeyValueHeads !== 0) {
    throw config.unsupported("num_key_value_heads", `a divisor of num_attention_heads ${numHeads}`);
  }
  const headDim = config.count("head_dim", family.headDim(hiddenSize, numHeads));
  if (headDim % 2 !== 0) throw config.unsupported("head_dim", "an even number", headDim);
  const hiddenAct = config.text("hidden_act", "silu");
  if (!Object.hasOwn(ACTIVATIONS, hiddenAct)) {
    throw config.unsupported("hidden_act", Object.keys(ACTIVATIONS).join(", "));
  }

  const vocabSize = config.count("vocab_size");
  const generation = new ConfigFields(generationJson);
  // An id that the vocabulary lacks is never emitted.
  const ends = [...config.ids("eos_token_id"), ...generation.ids("eos_token_id")].filter((id) => id < vocabSize);
  const eosTokens = [...new Set(ends)];
  const [bosToken = null] = config.ids("bos_token_id");
  const architecture: Architecture = {
    modelType,
    vocabSize,
    hiddenSize,
    intermediateSize: config.count("intermediate_size"),
    numLayers,
    numHeads,
    numKeyValueHeads,
    headDim,
    norm: { kind: "rms", eps: config.optionalNumber("rms_norm_eps") ?? 1e-6 },
    activation: ACTIVATIONS[hiddenAct],
    qkNorm: family.qkNorm,
    ...family.biases(config),
    mlpBias: family.hasMlpBias && config.flag("mlp_bias", false),
    rope: { rotaryDim: headDim, inverseFrequencies: inverseFrequencies(config, headDim), attentionScale: 1 },
    windows: parseWindows(config, family, numLayers),
    tied: config.flag("tie_word_embeddings", false),
    maxLength: config.count("max_position_embeddings", family.maxLength),
    bosToken,
    eosTokens,
    ...parseReading(config, family),
    attentionScale: 1 / Math.sqrt(headDim),
    dtype: DTYPES.get(config.name("dtype") ?? config.name("torch_dtype") ?? ""),
  };
  checkMask(architecture);
  return architecture;
}

/** How a model reads that fills masks: in blocks of this length, or its whole canvas. */
export type Reading = number | "full";

/**
 * A parsed `config.json` that says how its model reads, as `reading` does where it says nothing: a model that reads blocks and one
 * that reads a whole canvas have the same tensors, so that neither is guessed. `reading` left out is not known.
 */
export function withReading(json: unknown, reading?: Reading): unknown {
  const config = new ConfigFields(json);
  const modelType = config.text("model_type", "");
  const isMasked = Object.hasOwn(FAMILIES, modelType) && FAMILIES[modelType].isBlockDiffusion;
  const isKnown = ["block_size", "block_sizes"].some((name) => config.has(name));
  if (!isMasked && reading !== undefined) {
    throw new InvalidOptionError(
      `blockLength is for models that fill masks; config.json says model_type ${modelType}, which reads left to right: leave it out.`,
    );
  }
  if (!isMasked || (isKnown && reading === undefined)) return json;
  if (reading === undefined) {
    throw new ModelLoadError(
      'config.json says neither block_size nor block_sizes: give blockLength (--trained-block) at load, 32 for a model that was trained on blocks of 32, "full" for one that reads its whole canvas.',
      "unknown_reading",
    );
  }
  const isLength = typeof reading === "number" && Number.isInteger(reading) && reading >= 1 && reading <= MAX_BLOCK;
  if (reading !== "full" && !isLength) {
    throw new InvalidOptionError(
      `blockLength can't be ${String(reading)}: give a number from 1 to ${MAX_BLOCK}, or "full".`,
    );
  }
  const own = [...config.ids("block_size"), ...config.ids("block_sizes")];
  if (isKnown && (reading === "full" ? own.length > 0 : !own.includes(reading))) {
    throw new InvalidOptionError(
      `blockLength ${reading} contradicts config.json, by which the model reads ${own.length > 0 ? `blocks of ${own.join(", ")}` : "its whole canvas"}: leave it out.`,
    );
  }
  return { ...(json as object), block_size: null, block_sizes: reading === "full" ? [] : [reading] };
}

/** Refuses a mask token that the vocabulary lacks. */
export function checkMask({ maskToken, vocabSize }: Architecture): void {
  if (maskToken === null || maskToken < vocabSize) return;
  throw new ModelLoadError(
    `config.json: mask_token_id ${maskToken} is outside the vocabulary of ${vocabSize} ids.`,
    "bad_config",
  );
}

/** Who sees whom, and what a masked model needs. */
function parseReading(
  config: ConfigFields,
  { isBlockDiffusion }: Family,
): Pick<
  Architecture,
  "causal" | "bidirectional" | "maskToken" | "blockLengths" | "defaultBlockLength" | "blockAlign" | "inPlace"
> {
  if (!isBlockDiffusion) {
    return {
      causal: true,
      bidirectional: false,
      maskToken: null,
      blockLengths: [],
      defaultBlockLength: null,
      blockAlign: "absolute",
      inPlace: false,
    };
  }
  if (config.text("block_align", "absolute") !== "absolute") throw config.unsupported("block_align", '"absolute"');
  const trained = config.ids("block_sizes");
  const [own = trained[0] ?? null] = config.ids("block_size");
  const blockLengths = own === null ? [] : [...new Set([own, ...trained])];
  const bad = blockLengths.find((length) => length < 1 || length > MAX_BLOCK);
  if (bad !== undefined) {
    throw config.unsupported(bad === own ? "block_size" : "block_sizes", `lengths from 1 to ${MAX_BLOCK}`, bad);
  }
  const [maskToken = null] = config.ids("mask_token_id");
  return {
    causal: false,
    bidirectional: true,
    maskToken,
    blockLengths,
    defaultBlockLength: own,
    blockAlign: "absolute",
    inPlace: !config.flag("logit_shift", false),
  };
}

function parseWindows(config: ConfigFields, family: Family, numLayers: number): (number | null)[] {
  const layerTypes = config.texts("layer_types");
  if (layerTypes && layerTypes.length !== numLayers) {
    throw config.unsupported("layer_types", `one entry for each of the ${numLayers} layers`);
  }
  const supported = family.hasWindows ? ["full_attention", "sliding_attention"] : ["full_attention"];
  if (layerTypes?.some((type) => !supported.includes(type)))
    throw config.unsupported("layer_types", supported.join(", "));
  if (!family.hasWindows) return Array<null>(numLayers).fill(null);
  const isUsed = config.flag("use_sliding_window", false);
  const firstWindowed = isUsed ? (config.ids("max_window_layers")[0] ?? 28) : numLayers;
  return Array.from({ length: numLayers }, (_, layer) => {
    const isWindowed = layerTypes ? layerTypes[layer] === "sliding_attention" : layer >= firstWindowed;
    return isWindowed ? config.count("sliding_window") : null;
  });
}
