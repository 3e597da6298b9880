import { type ModelSource, memorySource } from "../format/source.js";
import { numbers } from "./test-bed.js";
import { type TensorValues, writeSafetensors } from "./write-safetensors.js";

/** An adapter as the tests need one: f32, random, of PEFT's names and ours. */
export interface RandomAdapter {
  source: ModelSource;
  /** By name in the file. */
  tensors: ReadonlyMap<string, TensorValues>;
  /** What its products are multiplied with. */
  scale: number;
}

/** How a random adapter differs from the usual one. */
export interface AdapterOptions {
  numMasks?: number;
  rank?: number;
  hasBias?: boolean;
  /** Modules that it changes. */
  modules?: readonly string[];
  /** Fields of its config. */
  config?: Readonly<Record<string, unknown>>;
  /** A tensor that is left out, one that is there too, and a file that isn't. */
  without?: string;
  extra?: string;
  withoutFile?: string;
  /** Changes a tensor's values. */
  spoil?: (name: string, values: Float32Array) => void;
}

/** The modules of a layer that may be changed. */
const ALL_MODULES = [
  "self_attn.q_proj",
  "self_attn.k_proj",
  "self_attn.v_proj",
  "self_attn.o_proj",
  "mlp.gate_proj",
  "mlp.up_proj",
  "mlp.down_proj",
] as const;

/** An adapter for a Llama of this config, without training; the same for the same seed. */
export function randomAdapter(
  config: Readonly<Record<string, unknown>>,
  seed: number,
  options: AdapterOptions = {},
): RandomAdapter {
  const { numMasks = 3, rank = 3, hasBias = true, modules = ALL_MODULES } = options;
  const [hidden, inner] = [Number(config.hidden_size), Number(config.intermediate_size)];
  const keySize = (hidden / Number(config.num_attention_heads)) * Number(config.num_key_value_heads);
  const sizes: Readonly<Record<string, [number, number]>> = {
    "self_attn.k_proj": [keySize, hidden],
    "self_attn.v_proj": [keySize, hidden],
    "mlp.gate_proj": [inner, hidden],
    "mlp.up_proj": [inner, hidden],
    "mlp.down_proj": [hidden, inner],
  };
  const shapes: [string, number[]][] = [
    ["mask_embeddings.weight", [numMasks, hidden]],
    ["sampler.in.weight", [hidden, 2 * hidden]],
    ["sampler.out.weight", [hidden, hidden]],
  ];
  for (const norm of ["in_norm", "out_norm"]) {
    shapes.push([`sampler.${norm}.weight`, [hidden]], [`sampler.${norm}.bias`, [hidden]]);
  }
  if (hasBias) shapes.push(["sampler.in.bias", [hidden]], ["sampler.out.bias", [hidden]]);
  for (let layer = 0; layer < Number(config.num_hidden_layers); layer++) {
    for (const module of modules) {
      const [n, k] = sizes[module] ?? [hidden, hidden];
      const name = `base_model.model.model.layers.${layer}.${module}`;
      shapes.push([`${name}.lora_A.weight`, [rank, k]], [`${name}.lora_B.weight`, [n, rank]]);
    }
  }
  if (options.extra) shapes.push([options.extra, [hidden]]);
  const tensors = new Map(
    shapes.map(([name, shape], i): [string, TensorValues] => {
      const size = shape.reduce((a, b) => a * b);
      const isGain = name.endsWith("norm.weight");
      return [name, { shape, values: numbers(seed * 1000 + i, size).map((x) => (isGain ? 1 + x / 4 : x / 3)) }];
    }),
  );
  for (const [name, { values }] of tensors) options.spoil?.(name, values);
  if (options.without) tensors.delete(options.without);
  const alpha = 2 * rank;
  const files = new Map<string, unknown>([
    ["adapter_config.json", { peft_type: "LORA", r: rank, lora_alpha: alpha, bias: "none", ...options.config }],
    ["adapter_model.safetensors", writeSafetensors(tensors)],
  ]);
  if (options.withoutFile) files.delete(options.withoutFile);
  return { tensors, scale: alpha / rank, source: memorySource(files, "memory:adapter") };
}
