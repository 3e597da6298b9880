import { ModelLoadError } from "../../vocabulary/errors.js";
import type { TensorPlan } from "../tensor.js";
import type { Architecture } from "./architectures.js";
import type { Metadata } from "./metadata.js";
import type { HeadCounts } from "./tensor-names.js";

/** What a model's config is made of. */
export interface ConfigParts {
  architecture: Architecture;
  metadata: Metadata;
  /** By the file's own names. */
  tensors: ReadonlyMap<string, TensorPlan>;
  /** Values of the small tensors that divide the frequencies of rotations, by their names. */
  factors: ReadonlyMap<string, readonly number[]>;
}

/** Fields of a config.json. */
type Fields = Record<string, unknown>;

/** Tensors that belong to the config. */
export const FACTORS = ["rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight"] as const;

/** The config.json of the family, as it would stand in a folder of safetensors. Throws `ModelLoadError` for what the family hasn't. */
export function configOf(parts: ConfigParts): Fields {
  const { architecture, metadata, tensors } = parts;
  refuseForeign(parts);
  const general = metadata.of("");
  const token = (name: string) => general.optionalCount(`tokenizer.ggml.${name}_token_id`);
  const config = {
    ...FAMILIES[architecture](parts),
    vocab_size: sizeOf(parts, "token_embd.weight", 0),
    tie_word_embeddings: !tensors.has("output.weight"),
    bos_token_id: token("bos"),
    eos_token_id: token("eos"),
    pad_token_id: token("padding"),
    torch_dtype: storedAs(tensors),
  };
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null));
}

/** Heads of a model. */
export function headCounts(metadata: Metadata): HeadCounts {
  const numHeads = metadata.count("attention.head_count");
  return { numHeads, numKeyValueHeads: metadata.optionalCount("attention.head_count_kv") ?? numHeads };
}

const FAMILIES: Readonly<Record<Architecture, (parts: ConfigParts) => Fields>> = {
  llama: (parts) => ({ ...llamaLike(parts, "llama"), ...biases(parts) }),
  smollm3: (parts) => ({ ...llamaLike(parts, "smollm3"), ...biases(parts), no_rope_layer_interval: 4 }),
  qwen2: (parts) => llamaLike(parts, "qwen2"),
  qwen3: (parts) => ({ ...llamaLike(parts, "qwen3"), ...biases(parts) }),
  olmo2(parts) {
    if (parts.metadata.optionalCount("attention.sliding_window")) {
      throw parts.metadata.wrong(
        "attention.sliding_window",
        "is of OLMo 3, which isn't supported",
        "unsupported_config",
      );
    }
    return { ...llamaLike(parts, "olmo2"), ...biases(parts) };
  },
  phi3(parts) {
    const { metadata } = parts;
    const like = llamaLike(parts, "phi3");
    const rotated = metadata.optionalCount("rope.dimension_count");
    return {
      ...like,
      original_max_position_embeddings: metadata.optionalCount("rope.scaling.original_context_length"),
      sliding_window: metadata.optionalCount("attention.sliding_window") || null,
      ...(rotated === null || rotated === like.head_dim
        ? {}
        : { partial_rotary_factor: rotated / (like.head_dim as number) }),
    };
  },
  gemma2: (parts) => ({
    ...gemma(parts, "gemma2"),
    attn_logit_softcapping: parts.metadata.number("attn_logit_softcapping") ?? 50,
    sliding_window: parts.metadata.optionalCount("attention.sliding_window") ?? 4096,
  }),
  gemma3: (parts) => ({ ...gemma(parts, "gemma3_text"), ...biases(parts), ...gemma3Windows(parts) }),
  gpt2: ({ metadata }) => ({
    model_type: "gpt2",
    activation_function: "gelu_new",
    n_embd: metadata.count("embedding_length"),
    n_head: metadata.count("attention.head_count"),
    n_layer: metadata.count("block_count"),
    n_positions: metadata.count("context_length"),
    n_inner: metadata.count("feed_forward_length"),
    layer_norm_epsilon: metadata.number("attention.layer_norm_epsilon"),
  }),
  gptneox({ metadata }) {
    const size = metadata.count("embedding_length");
    const numHeads = metadata.count("attention.head_count");
    return {
      model_type: "gpt_neox",
      hidden_act: "gelu",
      hidden_size: size,
      num_attention_heads: numHeads,
      num_hidden_layers: metadata.count("block_count"),
      intermediate_size: metadata.count("feed_forward_length"),
      max_position_embeddings: metadata.count("context_length"),
      rotary_pct: metadata.count("rope.dimension_count") / (size / numHeads),
      rotary_emb_base: metadata.number("rope.freq_base") ?? 10000,
      layer_norm_eps: metadata.number("attention.layer_norm_epsilon"),
      use_parallel_residual: metadata.flag("use_parallel_residual") ?? true,
    };
  },
};

function llamaLike(parts: ConfigParts, modelType: string): Fields {
  const { metadata } = parts;
  const size = metadata.count("embedding_length");
  const { numHeads, numKeyValueHeads } = headCounts(metadata);
  const headDim = metadata.optionalCount("attention.key_length") ?? size / numHeads;
  const rotated = metadata.optionalCount("rope.dimension_count") ?? headDim;
  return {
    model_type: modelType,
    hidden_act: "silu",
    hidden_size: size,
    intermediate_size: metadata.count("feed_forward_length"),
    num_hidden_layers: metadata.count("block_count"),
    num_attention_heads: numHeads,
    num_key_value_heads: numKeyValueHeads,
    head_dim: headDim,
    max_position_embeddings: metadata.count("context_length"),
    rms_norm_eps: metadata.number("attention.layer_norm_rms_epsilon"),
    rope_theta: metadata.number("rope.freq_base") ?? 10000,
    rope_scaling: ropeScaling(parts),
    ...(rotated === headDim ? {} : { partial_rotary_factor: rotated / headDim }),
  };
}

/** What llama.cpp knows of Gemma without the file's saying so: a query's scale is by its head, in the 27B by the width that heads share. */
function gemma(parts: ConfigParts, modelType: string): Fields {
  const { hidden_act, ...like } = llamaLike(parts, modelType);
  const numLayers = parts.metadata.count("block_count");
  const is27B = numLayers === (modelType === "gemma2" ? 46 : 62);
  const { head_dim: headDim, hidden_size: size, num_attention_heads: numHeads } = like;
  return {
    ...like,
    hidden_activation: "gelu_pytorch_tanh",
    query_pre_attn_scalar: is27B ? Math.floor((size as number) / (numHeads as number)) : headDim,
    final_logit_softcapping: parts.metadata.number("final_logit_softcapping"),
  };
}

function gemma3Windows({ metadata }: ConfigParts): Fields {
  const key = "attention.sliding_window_pattern";
  const window = metadata.optionalCount("attention.sliding_window");
  const local = { rope_local_base_freq: metadata.number("rope.freq_base_swa") ?? 10000 };
  // Without a window, each layer is one that sees all.
  if (!window) return { ...local, sliding_window: null, sliding_window_pattern: 1 };
  const byLayer = metadata.flags(key);
  return {
    ...local,
    sliding_window: window,
    ...(byLayer
      ? { layer_types: byLayer.map((isWindowed) => (isWindowed ? "sliding_attention" : "full_attention")) }
      : { sliding_window_pattern: metadata.optionalCount(key) ?? 6 }),
  };
}

function biases({ tensors }: ConfigParts): Fields {
  return { attention_bias: tensors.has("blk.0.attn_q.bias"), mlp_bias: tensors.has("blk.0.ffn_up.bias") };
}

/** How rotations are scaled: by factors that stand in the file, or by a rule. */
function ropeScaling({ metadata, factors }: ConfigParts): Fields | null {
  const original = metadata.optionalCount("rope.scaling.original_context_length");
  const [freqs, long, short] = FACTORS.map((name) => factors.get(name));
  if (long && short) {
    return {
      rope_type: "longrope",
      long_factor: long,
      short_factor: short,
      original_max_position_embeddings: original,
      ...given("attention_factor", metadata.number("rope.scaling.attn_factor")),
    };
  }
  // What Llama 3 makes its frequencies slower by is stored worked out.
  if (freqs) {
    const length = metadata.count("context_length");
    return {
      ...{ rope_type: "longrope", long_factor: freqs, short_factor: freqs },
      ...{ original_max_position_embeddings: length, attention_factor: 1 },
    };
  }
  const type = metadata.text("rope.scaling.type") ?? (metadata.has("rope.scale_linear") ? "linear" : "none");
  const factor = metadata.number("rope.scaling.factor") ?? metadata.number("rope.scale_linear");
  if (type === "none") return null;
  if (type === "linear") return { rope_type: "linear", factor };
  if (type === "yarn") {
    return {
      ...{ rope_type: "yarn", factor, original_max_position_embeddings: original },
      ...given(
        "attention_factor",
        metadata.number("rope.scaling.yarn_attn_factor") ?? metadata.number("rope.scaling.attn_factor"),
      ),
      ...given("beta_fast", metadata.number("rope.scaling.yarn_beta_fast")),
      ...given("beta_slow", metadata.number("rope.scaling.yarn_beta_slow")),
    };
  }
  throw metadata.wrong(
    "rope.scaling.type",
    `is ${JSON.stringify(type)}; supported are none, linear, yarn, and longrope with its factors`,
    "unsupported_config",
  );
}

function given(name: string, value: unknown): Fields {
  return value === null ? {} : { [name]: value };
}

/** Keys by which a model would be computed otherwise than its family is. */
const FOREIGN = [
  ...["expert_count", "logit_scale", "embedding_scale", "residual_scale", "attention.scale", "attention.clamp_kqv"],
  ...[
    "attention.max_alibi_bias",
    "nextn_predict_layers",
    "rope.scaling.yarn_ext_factor",
    "rope.scaling.yarn_log_multiplier",
  ],
];

/** Throws for what the family of this name doesn't have. */
function refuseForeign({ metadata }: ConfigParts): void {
  const found = FOREIGN.find((key) => metadata.has(key) && metadata.number(key) !== 0);
  if (found) throw metadata.wrong(found, "isn't supported", "unsupported_config");
  if (metadata.flag("attention.causal") === false) {
    throw metadata.wrong(
      "attention.causal",
      "is false; supported are models that write from left to right",
      "unsupported_config",
    );
  }
  const keys = metadata.optionalCount("attention.key_length");
  const values = metadata.optionalCount("attention.value_length");
  if (values !== null && keys !== null && keys !== values) {
    throw metadata.wrong("attention.value_length", `is ${values}, expected ${keys} as of keys`, "unsupported_config");
  }
}

function sizeOf({ tensors, metadata }: ConfigParts, name: string, axis: number): number {
  const size = tensors.get(name)?.shape[axis];
  if (size !== undefined) return size;
  throw new ModelLoadError(`Tensor ${name} is missing in ${metadata.label}.`, "missing_tensor");
}

/** How matrices will be held: in 16 bits where all are stored so. */
function storedAs(tensors: ReadonlyMap<string, TensorPlan>): string {
  const dtypes = new Set([...tensors.values()].filter(({ shape }) => shape.length > 1).map(({ dtype }) => dtype));
  if (dtypes.size > 1) return "float32";
  return dtypes.has("F16") ? "float16" : dtypes.has("BF16") ? "bfloat16" : "float32";
}
