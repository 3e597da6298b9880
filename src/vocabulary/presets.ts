import { InvalidOptionError } from "./errors.js";

/** What a model of a preset is for. */
export type PresetRole = "autoregressive" | "diffusion" | "draft";

/** Bytes by class, at a context of 2,048 tokens and for one text: worked out from the model's shape (`runtime/memory-estimate.ts`). */
export interface PresetMemory {
  /** Weights as they are stored, and rounded at load. */
  weights: { stored: number; q8: number; q4: number };
  /** Keys and values in 32 bits. */
  kv: number;
  /** What a forward works in. */
  scratch: number;
  /** The largest tensor, on its way to the device. */
  staging: number;
}

/** A model of a preset. */
export interface PresetModel {
  role: PresetRole;
  /** As `load` takes it: a hub id, or the folder of an embedded model. */
  model: string;
  /** What `load` is given beside the address. */
  options: { blockLength?: number | "full" };
  label: string;
  licence: string;
  numParameters: number;
  /** Bytes of its weights as they are fetched. Tokenizer and configs come on top: under 12 MB. */
  fetchBytes: number;
  memory: PresetMemory;
}

/** Models that run side by side on one vocabulary. */
export interface Preset {
  name: string;
  label: string;
  models: readonly PresetModel[];
}

/** All presets. `presets.test.ts` works out each number again from the model's config. */
export const PRESETS: readonly Preset[] = [
  {
    name: "stories",
    label: "Stories: three models of 1 to 5 million parameters, embedded",
    models: [
      {
        role: "autoregressive",
        model: "/models/story-ar/",
        options: {},
        label: "story-ar",
        licence: "Apache-2.0",
        numParameters: 5_475_968,
        fetchBytes: 10_959_168,
        memory: {
          weights: { stored: 10_959_360, q8: 6_171_136, q4: 3_959_296 },
          ...{ kv: 3_145_728, scratch: 8_011_776, staging: 2_097_152 },
        },
      },
      {
        role: "diffusion",
        model: "/models/story-diffusion/",
        options: {},
        label: "story-diffusion, blocks of 8",
        licence: "Apache-2.0",
        numParameters: 5_475_968,
        fetchBytes: 10_959_168,
        memory: {
          weights: { stored: 10_959_360, q8: 6_171_136, q4: 3_959_296 },
          ...{ kv: 3_145_728, scratch: 8_011_776, staging: 2_097_152 },
        },
      },
      {
        role: "draft",
        model: "/models/story-draft/",
        options: {},
        label: "story-draft",
        licence: "Apache-2.0",
        numParameters: 893_696,
        fetchBytes: 1_789_936,
        memory: {
          weights: { stored: 1_788_928, q8: 1_007_616, q4: 823_296 },
          ...{ kv: 524_288, scratch: 4_538_368, staging: 1_048_576 },
        },
      },
    ],
  },
  {
    name: "qwen3-0.6b",
    label: "Qwen3-0.6B and its diffusion twins by blocks and on the whole canvas",
    models: [
      {
        role: "autoregressive",
        model: "Qwen/Qwen3-0.6B",
        options: {},
        label: "Qwen3-0.6B",
        licence: "Apache-2.0",
        numParameters: 596_049_920,
        fetchBytes: 1_503_264_768,
        memory: {
          weights: { stored: 1_192_230_912, q8: 670_744_576, q4: 450_543_616 },
          ...{ kv: 469_762_048, scratch: 135_972_352, staging: 311_164_928 },
        },
      },
      {
        role: "diffusion",
        model: "dllm-hub/Qwen3-0.6B-diffusion-bd3lm-v0.1",
        options: { blockLength: 32 },
        label: "Qwen3-0.6B bd3lm, blocks of 32",
        licence: "as on its card; made from Apache-2.0 weights",
        numParameters: 596_049_920,
        fetchBytes: 1_503_264_768,
        memory: {
          weights: { stored: 1_192_230_912, q8: 670_744_576, q4: 450_543_616 },
          ...{ kv: 469_762_048, scratch: 135_972_352, staging: 311_164_928 },
        },
      },
      {
        role: "diffusion",
        model: "dllm-hub/Qwen3-0.6B-diffusion-mdlm-v0.1",
        options: { blockLength: "full" },
        label: "Qwen3-0.6B mdlm, whole canvas",
        licence: "as on its card; made from Apache-2.0 weights",
        numParameters: 596_049_920,
        fetchBytes: 1_503_264_768,
        memory: {
          weights: { stored: 1_192_230_912, q8: 670_744_576, q4: 450_543_616 },
          ...{ kv: 469_762_048, scratch: 217_761_280, staging: 311_164_928 },
        },
      },
    ],
  },
  {
    name: "smollm2-360m",
    label: "SmolLM2-360M with drafts of SmolLM2-135M",
    models: [
      {
        role: "autoregressive",
        model: "HuggingFaceTB/SmolLM2-360M-Instruct",
        options: {},
        label: "SmolLM2-360M-Instruct",
        licence: "Apache-2.0",
        numParameters: 361_821_120,
        fetchBytes: 723_642_240,
        memory: {
          weights: { stored: 723_767_040, q8: 407_228_160, q4: 249_941_760 },
          ...{ kv: 167_772_160, scratch: 62_586_880, staging: 94_371_840 },
        },
      },
      {
        role: "draft",
        model: "HuggingFaceTB/SmolLM2-135M-Instruct",
        options: {},
        label: "SmolLM2-135M-Instruct",
        licence: "Apache-2.0",
        numParameters: 134_515_008,
        fetchBytes: 269_030_016,
        memory: {
          weights: { stored: 269_100_288, q8: 151_430_400, q4: 98_346_240 },
          ...{ kv: 94_371_840, scratch: 42_663_936, staging: 56_623_104 },
        },
      },
    ],
  },
  {
    name: "gpt2",
    label: "GPT-2 with drafts of DistilGPT-2, and DiffuGPT",
    models: [
      {
        role: "autoregressive",
        model: "openai-community/gpt2",
        options: {},
        label: "GPT-2",
        licence: "MIT",
        numParameters: 124_439_808,
        fetchBytes: 548_090_880,
        memory: {
          weights: { stored: 497_759_232, q8: 142_604_640, q4: 100_137_312 },
          ...{ kv: 75_497_472, scratch: 43_737_668, staging: 154_389_504 },
        },
      },
      {
        role: "diffusion",
        model: "diffusionfamily/diffugpt-s",
        options: { blockLength: "full" },
        label: "DiffuGPT-S, whole canvas",
        licence: "as on its card; made from MIT weights",
        numParameters: 124_440_576,
        fetchBytes: 497_762_304,
        memory: {
          weights: { stored: 497_762_304, q8: 142_605_504, q4: 100_138_176 },
          ...{ kv: 75_497_472, scratch: 61_039_432, staging: 154_392_576 },
        },
      },
      {
        role: "draft",
        model: "distilbert/distilgpt2",
        options: {},
        label: "DistilGPT-2",
        licence: "Apache-2.0",
        numParameters: 81_912_576,
        fetchBytes: 352_816_128,
        memory: {
          weights: { stored: 327_650_304, q8: 94_589_280, q4: 73_355_616 },
          ...{ kv: 37_748_736, scratch: 43_737_668, staging: 154_389_504 },
        },
      },
    ],
  },
];

/** The preset of a name. Throws `InvalidOptionError` with the names there are. */
export function presetNamed(name: string): Preset {
  const found = PRESETS.find((preset) => preset.name === name);
  if (found) return found;
  const known = PRESETS.map((preset) => preset.name).join(", ");
  throw new InvalidOptionError(`There is no preset ${JSON.stringify(name)}. There are ${known}.`, "unknown_preset");
}
