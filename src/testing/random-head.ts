import { type ModelSource, memorySource } from "../format/source.js";
import { JOINT_NORMS } from "../extension/joint-sampler/key.js";
import type { HeadKind } from "../seam/capabilities.js";
import { numbers } from "./test-bed.js";
import { type TensorValues, writeSafetensors } from "./write-safetensors.js";

/** A head as the tests need one: f32, random, a tenth of 1 in size where it multiplies, about 1 where it scales. */
export interface RandomHead {
  source: ModelSource;
  tensors: ReadonlyMap<string, TensorValues>;
}

/** How a random head differs from the usual one. */
export interface HeadOptions {
  kind?: HeadKind;
  hasBias?: boolean;
  numLayers?: number;
  /** A tensor that is left out. */
  without?: string;
  /** One that is there beside the others. */
  more?: string;
  /** Stands before all names. */
  prefix?: string;
  /** Values of a tensor that aren't random. */
  own?: (name: string, shape: readonly number[]) => Float32Array | null;
  /** Changes a tensor's values. */
  spoil?: (name: string, values: Float32Array) => void;
}

/** A head of one layer for a Llama of this config, without training; the same for the same seed. */
export function randomHead(
  config: Readonly<Record<string, unknown>>,
  seed: number,
  {
    kind = "eagle",
    hasBias = true,
    numLayers = 1,
    without = "",
    more,
    prefix = "",
    own = () => null,
    spoil,
  }: HeadOptions = {},
): RandomHead {
  const [hidden, inner] = [Number(config.hidden_size), Number(config.intermediate_size)];
  const headDim = hidden / Number(config.num_attention_heads);
  const keySize = headDim * Number(config.num_key_value_heads);
  const isJoint = kind === "joint";
  const first = isJoint ? "down_project.0" : "fc";
  const shapes: [string, number[]][] = [[`${first}.weight`, [hidden, 2 * hidden]]];
  if (hasBias) shapes.push([`${first}.bias`, [hidden]]);
  if (isJoint) for (const name of Object.values(JOINT_NORMS)) shapes.push([name, [hidden]]);
  for (let i = 0; i < numLayers; i++) {
    const layer: [string, number[]][] = [
      ["self_attn.q_proj.weight", [hidden, hidden]],
      ["self_attn.k_proj.weight", [keySize, hidden]],
      ["self_attn.v_proj.weight", [keySize, hidden]],
      ["self_attn.o_proj.weight", [hidden, hidden]],
      ["post_attention_layernorm.weight", [hidden]],
      ["mlp.gate_proj.weight", [inner, hidden]],
      ["mlp.up_proj.weight", [inner, hidden]],
      ["mlp.down_proj.weight", [hidden, inner]],
    ];
    if (i > 0 || isJoint) layer.push(["input_layernorm.weight", [hidden]]);
    for (const [name, shape] of layer) shapes.push([`layers.${isJoint ? "0." : ""}${i}.${name}`, shape]);
  }
  const tensors = new Map(
    shapes.map(([name, shape], i): [string, TensorValues] => {
      const size = shape.reduce((a, b) => a * b);
      const isGain = name.includes("norm");
      const values = own(name, shape);
      if (values) return [name, { shape, values }];
      return [name, { shape, values: numbers(seed * 100 + i, size).map((x) => (isGain ? 1 + x / 4 : x / 6)) }];
    }),
  );
  for (const [name, { values }] of tensors) spoil?.(name, values);
  tensors.delete(without);
  if (more) tensors.set(more, { shape: [hidden], values: numbers(seed, hidden) });
  const config1 = { ...config, num_hidden_layers: numLayers };
  return {
    tensors,
    source: memorySource(
      new Map<string, unknown>([
        ["config.json", config1],
        ["model.safetensors", writeSafetensors(new Map([...tensors].map(([name, tensor]) => [prefix + name, tensor])))],
      ]),
      "memory:head",
    ),
  };
}
