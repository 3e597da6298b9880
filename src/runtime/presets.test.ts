import { readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseConfig, withReading } from "../architecture/config.js";
import { familyOf } from "../architecture/families.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { PRESETS, type PresetModel, presetNamed } from "../vocabulary/presets.js";
import { estimateMemory, numParametersOf } from "./memory-estimate.js";

const QWEN3 = {
  ...{ model_type: "qwen3", vocab_size: 151936, hidden_size: 1024, intermediate_size: 3072, num_hidden_layers: 28 },
  ...{ num_attention_heads: 16, num_key_value_heads: 8, head_dim: 128, max_position_embeddings: 40960 },
  ...{ rope_theta: 1e6, rms_norm_eps: 1e-6, tie_word_embeddings: true, torch_dtype: "bfloat16", hidden_act: "silu" },
};
const SMOLLM2 = {
  ...{ model_type: "llama", vocab_size: 49152, max_position_embeddings: 8192, rope_theta: 1e5, rms_norm_eps: 1e-5 },
  ...{ tie_word_embeddings: true, torch_dtype: "bfloat16", hidden_act: "silu" },
};
const GPT2 = { model_type: "gpt2", vocab_size: 50257, n_embd: 768, n_head: 12, n_positions: 1024, n_layer: 12 };
/** GPT-2's files hold the causal mask of each layer besides, in 32 bits. */
const CAUSAL_MASK = 4 * 1024 * 1024;
/** Qwen 3's hold the LM head beside the embedding that it is tied to. */
const QWEN3_HEAD = 2 * 151936 * 1024;

/** The shape of each model as its config.json has it, and bytes of its file that no part of the model needs. */
const CONFIGS: Record<string, { config: object; unneeded: number }> = {
  "Qwen/Qwen3-0.6B": { config: QWEN3, unneeded: QWEN3_HEAD },
  "dllm-hub/Qwen3-0.6B-diffusion-bd3lm-v0.1": {
    config: { ...QWEN3, model_type: "a2d-qwen3" },
    unneeded: QWEN3_HEAD,
  },
  "dllm-hub/Qwen3-0.6B-diffusion-mdlm-v0.1": {
    config: { ...QWEN3, model_type: "a2d-qwen3" },
    unneeded: QWEN3_HEAD,
  },
  "HuggingFaceTB/SmolLM2-360M-Instruct": {
    config: {
      ...SMOLLM2,
      ...{ hidden_size: 960, intermediate_size: 2560, num_hidden_layers: 32 },
      ...{ num_attention_heads: 15, num_key_value_heads: 5 },
    },
    unneeded: 0,
  },
  "HuggingFaceTB/SmolLM2-135M-Instruct": {
    config: {
      ...SMOLLM2,
      ...{ hidden_size: 576, intermediate_size: 1536, num_hidden_layers: 30 },
      ...{ num_attention_heads: 9, num_key_value_heads: 3 },
    },
    unneeded: 0,
  },
  "openai-community/gpt2": { config: GPT2, unneeded: 12 * CAUSAL_MASK },
  "distilbert/distilgpt2": { config: { ...GPT2, n_layer: 6 }, unneeded: 6 * CAUSAL_MASK },
  "diffusionfamily/diffugpt-s": { config: { ...GPT2, vocab_size: 50258 }, unneeded: 0 },
};

const embedded = (model: string) => model.startsWith("/models/");
const fileOf = (model: string, name: string) => `public${model}${name}`;

/** What the numbers of a preset's model must be. */
function workedOut({ model, options }: PresetModel): Pick<PresetModel, "numParameters" | "fetchBytes" | "memory"> {
  const config = embedded(model)
    ? JSON.parse(readFileSync(fileOf(model, "config.json"), "utf8"))
    : CONFIGS[model].config;
  const architecture = parseConfig(withReading(config, options.blockLength));
  const context = Math.min(2048, architecture.maxLength);
  const at = (weights: "q8" | "q4" | null) => estimateMemory(architecture, { context, weights });
  const { kv, scratch, staging } = at(null);
  const numParameters = numParametersOf(architecture);
  const bytes = architecture.dtype === "F32" || architecture.dtype === undefined ? 4 : 2;
  return {
    numParameters,
    fetchBytes: embedded(model)
      ? statSync(fileOf(model, "model.safetensors")).size
      : numParameters * bytes + CONFIGS[model].unneeded,
    memory: {
      weights: { stored: at(null).weights, q8: at("q8").weights, q4: at("q4").weights },
      ...{ kv, scratch, staging },
    },
  };
}

const MODELS = PRESETS.flatMap(({ models }) => models);

describe("presets", () => {
  it.each(MODELS)("$model has the numbers of its shape", (one) => {
    const { numParameters, fetchBytes, memory } = one;
    expect({ numParameters, fetchBytes, memory }).toEqual(workedOut(one));
  });

  it("fetch as many bytes as the hub's files have, headers apart", () => {
    // Sizes of model.safetensors on the hub.
    const files: Record<string, number> = {
      "Qwen/Qwen3-0.6B": 1_503_300_328,
      "HuggingFaceTB/SmolLM2-360M-Instruct": 723_674_912,
      "HuggingFaceTB/SmolLM2-135M-Instruct": 269_060_552,
      "openai-community/gpt2": 548_105_171,
      "distilbert/distilgpt2": 352_824_413,
    };
    for (const { model, fetchBytes } of MODELS.filter((one) => files[one.model])) {
      const header = files[model] - fetchBytes;
      expect(header, model).toBeGreaterThan(0);
      expect(header, model).toBeLessThan(50_000);
    }
  });

  it("are one text's models: of each at most one of a role but for twins, one autoregressive, and how masks are read is said", () => {
    for (const { models } of PRESETS) {
      expect(models.filter(({ role }) => role === "autoregressive")).toHaveLength(1);
      for (const { model, role, options } of models) {
        const type = embedded(model) ? null : (CONFIGS[model].config as { model_type: string }).model_type;
        const isAsked = type !== null && (familyOf(type)?.masks?.recipes.length ?? 0) > 0;
        expect(options.blockLength !== undefined, model).toBe(isAsked || model.includes("diffugpt"));
        expect(role === "diffusion", model).toBe(isAsked || /diffugpt|story-diffusion/.test(model));
      }
    }
  });

  it("are found by name, and others are refused with the names there are", () => {
    expect(presetNamed("gpt2").models.map(({ model }) => model)).toContain("diffusionfamily/diffugpt-s");
    expect(() => presetNamed("gpt3")).toThrow(InvalidOptionError);
    expect(() => presetNamed("gpt3")).toThrow(
      'There is no preset "gpt3". There are stories, qwen3-0.6b, smollm2-360m, gpt2.',
    );
  });
});
