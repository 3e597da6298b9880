// What each family's own fields mean, by the formulas of transformers; goldens.gpu.test.ts compares whole models with it.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ModelLoadError } from "../vocabulary/errors.js";
import { bases, configOf, type Fixture, readFixture as read, windows } from "../testing/fixture-configs.js";
import type { Architecture } from "./architecture.js";
import { parseConfig } from "./config.js";
import { families, familyOf } from "./families.js";
import { loadWeights, tensorNames } from "./tensors.js";

it("names every model_type once, each in one family", () => {
  const types = families().flatMap((family) => family.types);
  expect(new Set(types).size).toBe(types.length);
  for (const type of types) expect(familyOf(type)?.types).toContain(type);
  expect(familyOf("toString")).toBeUndefined();
});

it("says why a family that is asked for isn't here, and which are", () => {
  const of = (model_type: string) => () => parseConfig({ ...configOf("qwen3"), model_type });
  expect(of("qwen3_moe")).toThrow(
    /model_type "qwen3_moe" isn't supported, since its layers choose among experts, .*; supported: llama, .*gemma2/,
  );
  expect(of("gemma3")).toThrow(/"gemma3" isn't supported, since it also reads pictures/);
  expect(of("bloom")).toThrow(/"bloom" isn't supported; supported: llama/);
});

it("is the table of docs/models.md", () => {
  const page = readFileSync(new URL("../../docs/models.md", import.meta.url), "utf8");
  const rows = families().map(
    ({ types, knownAs }) => `| ${types.map((type) => `\`${type}\``).join(" ")} | ${knownAs} |`,
  );
  expect(page).toContain(["| `model_type` | models |", "| --- | --- |", ...rows, ""].join("\n"));
});

describe("mistral", () => {
  it("has one window in all layers, 4096 where the config is silent, none where it says null", () => {
    expect(windows(read("mistral"))).toEqual([8, 8]);
    expect(windows(read("mistral", { sliding_window: null }))).toEqual([null, null]);
    expect(windows(parseConfig(without("mistral", "sliding_window")))).toEqual([4096, 4096]);
  });

  it("takes 8 groups of heads where the field is missing, and as many as heads where it is null", () => {
    expect(read("mistral", { head_dim: 6 }).layers[0].attention.scale).toBeCloseTo(6 ** -0.5, 15);
    const heads = { num_attention_heads: 16, hidden_size: 64, head_dim: null };
    const silent = { ...without("mistral", "num_key_value_heads"), ...heads };
    expect(parseConfig(silent).numKeyValueHeads).toBe(8);
    expect(parseConfig({ ...silent, num_key_value_heads: null }).numKeyValueHeads).toBe(16);
  });
});

describe("smollm3", () => {
  const rotates = (architecture: Architecture) => architecture.layers.map(({ attention }) => attention.rope !== null);

  it("rotates the layers that no_rope_layers has a 1 for, or all but each so-many-th", () => {
    expect(rotates(read("smollm3"))).toEqual([true, false, true]);
    expect(rotates(read("smollm3", { no_rope_layers: null, no_rope_layer_interval: 3 }))).toEqual([true, true, false]);
    expect(rotates(read("smollm3", { no_rope_layers: [0, 0, 1, 1] }))).toEqual([false, false, true]);
  });

  it("windows the layers that don't rotate, or those of layer_types, if use_sliding_window is true", () => {
    expect(windows(read("smollm3", { sliding_window: 5 }))).toEqual([null, null, null]);
    const used = { use_sliding_window: true, sliding_window: 5 };
    expect(windows(read("smollm3", used))).toEqual([null, 5, null]);
    const types = ["sliding_attention", "full_attention", "full_attention"];
    expect(windows(read("smollm3", { ...used, layer_types: types }))).toEqual([5, null, null]);
    expect(windows(read("smollm3", { ...used, sliding_window: null, layer_types: types }))).toEqual([null, null, null]);
  });
});

describe("gemma3_text", () => {
  it("has a window and the local base in all but each so-many-th layer, or in those of layer_types", () => {
    const five = { num_hidden_layers: 5 };
    expect(windows(read("gemma3_text", five))).toEqual([7, 7, null, 7, 7]);
    expect(bases(read("gemma3_text", five))).toEqual([1e4, 1e4, 1e6, 1e4, 1e4]);
    expect(windows(parseConfig({ ...without("gemma3_text", "sliding_window_pattern"), num_hidden_layers: 6 }))).toEqual(
      [7, 7, 7, 7, 7, null],
    );
    const types = ["full_attention", "sliding_attention", "full_attention"];
    expect(bases(read("gemma3_text", { layer_types: types }))).toEqual([1e6, 1e4, 1e6]);
  });

  it("scales the rotation of the layers without a window alone", () => {
    const [local, , global] = read("gemma3_text", { rope_scaling: { rope_type: "linear", factor: 8 } }).layers;
    const [plainLocal, , plainGlobal] = read("gemma3_text").layers;
    expect(local.attention.rope).toEqual(plainLocal.attention.rope);
    const frequency = (layer: typeof global) => layer.attention.rope?.inverseFrequencies[3] ?? 0;
    expect(frequency(global) * 8).toBeCloseTo(frequency(plainGlobal), 15);
  });

  it("scales scores by query_pre_attn_scalar, and embeddings by the root of their size in 32 bits", () => {
    const { layers, embedding, tied } = read("gemma3_text");
    expect(layers[0].attention.scale).toBeCloseTo(1 / Math.sqrt(28), 15);
    expect(embedding.scale).toBe(Math.fround(Math.sqrt(48)));
    expect(tied).toBe(true);
  });
});

describe("gemma2", () => {
  it("has a window in every other layer, or in those of layer_types, and one rotation", () => {
    expect(windows(read("gemma2"))).toEqual([9, null, 9]);
    expect(bases(read("gemma2"))).toEqual([1e4, 1e4, 1e4]);
    const types = ["full_attention", "full_attention", "sliding_attention"];
    expect(windows(read("gemma2", { layer_types: types }))).toEqual([null, null, 9]);
  });

  it("bounds scores and logits by its fields, by 50 and 30 without them, not at all where they are null", () => {
    const of = ({ layers, logitSoftCap }: Architecture) => [layers[1].attention.softCap, logitSoftCap];
    expect(of(read("gemma2"))).toEqual([4, 7.5]);
    const [scores, logits] = ["attn_logit_softcapping", "final_logit_softcapping"];
    expect(of(read("gemma2", { [scores]: null, [logits]: null }))).toEqual([undefined, undefined]);
    const { [scores]: _, ...silent } = configOf("gemma2") as Record<string, unknown>;
    expect(of(parseConfig({ ...silent, [logits]: undefined }))).toEqual([50, undefined]);
    expect(of(read("gemma3_text", { [scores]: 5, [logits]: 6 }))).toEqual([5, 6]);
  });
});

describe("olmo2", () => {
  it("norms what its blocks leave and not what they read, and q and k as a whole each", () => {
    const { layers, qkNorm, norm } = read("olmo2");
    for (const { attention, mlp } of layers) {
      expect([attention.norm, mlp.norm]).toEqual([null, null]);
      expect([attention.after?.eps, mlp.after?.eps]).toEqual([1e-6, 1e-6]);
    }
    expect(qkNorm).toEqual({ eps: 1e-6, gainOffset: 0, isWhole: true });
    expect(norm.eps).toBe(1e-6);
    expect(parseConfig(without("olmo2", "rms_norm_eps")).norm.eps).toBe(1e-5);
  });
});

describe("phi3", () => {
  it("has one window in all layers, or none", () => {
    expect(windows(read("phi3"))).toEqual([13, 13]);
    expect(windows(read("phi3", { sliding_window: null }))).toEqual([null, null]);
    expect(windows(parseConfig(without("phi3", "sliding_window")))).toEqual([null, null]);
  });

  it("rotates as much of a head as partial_rotary_factor says", () => {
    const channels = (change: object) => read("phi3", change).layers[0].attention.rope?.rotaryDim;
    expect([channels({}), channels({ partial_rotary_factor: 0.5 })]).toEqual([16, 8]);
    expect(channels({ partial_rotary_factor: 0 })).toBeUndefined();
  });
});

describe("gpt2", () => {
  it("is as wide inside as n_inner, or four times the embedding", () => {
    expect(read("gpt2").intermediateSize).toBe(200);
    expect(read("gpt2", { n_inner: null }).intermediateSize).toBe(200);
    expect(read("gpt2", { n_inner: 77 }).intermediateSize).toBe(77);
  });

  it("scales scores by the head's size, and by the layer's number, as its flags say", () => {
    const scales = (change: object) => read("gpt2", change).layers.map(({ attention }) => attention.scale);
    expect(scales({})).toEqual([10 ** -0.5, 10 ** -0.5]);
    expect(scales({ scale_attn_by_inverse_layer_idx: true })).toEqual([10 ** -0.5, 10 ** -0.5 / 2]);
    expect(scales({ scale_attn_weights: false })).toEqual([1, 1]);
  });

  it("reads no further than its table of positions", () => {
    expect(read("gpt2").maxLength).toBe(80);
    expect(parseConfig({ ...without("gpt2", "n_positions"), n_ctx: 64 }).maxLength).toBe(64);
  });

  it("splits q, k and v, and turns matrices round", () => {
    const a = read("gpt2", { n_embd: 4, n_head: 2, n_layer: 1, vocab_size: 4, n_positions: 4 });
    const values = Float32Array.from({ length: 4 * 12 }, (_, i) => i);
    const tensors = new Map(
      tensorNames(a).map(({ shape, stored }) => {
        const [name] = stored?.names ?? [];
        const isWhole = name.endsWith("c_attn.weight");
        const isVector = shape.length === 1;
        const stand = isWhole ? [4, 12] : name.endsWith("c_attn.bias") ? [12] : isVector ? shape : [...shape].reverse();
        const own = ["wte", "wpe"].some((outer) => name.includes(outer)) ? shape : stand;
        const length = own.reduce((product, size) => product * size, 1);
        const bytes = new Uint8Array((isWhole ? values : new Float32Array(length)).buffer);
        return [name, { name, dtype: "F32" as const, shape: own, bytes }];
      }),
    );
    const k = loadWeights(a, tensors).get("model.layers.0.self_attn.k_proj.weight");
    // Row r of k is column 4 + r of what is stored `[in, out]`.
    const expected = [0, 1, 2, 3].flatMap((row) => [0, 1, 2, 3].map((column) => 12 * column + 4 + row));
    const { buffer, byteOffset, byteLength } = k?.bytes ?? new Uint8Array();
    expect([...new Float32Array(buffer, byteOffset, byteLength / 4)]).toEqual(expected);
  });
});

describe("gpt_neox", () => {
  it("rotates a share of each head, of an odd number of channels one more", () => {
    const channels = (change: object) => read("gpt_neox", change).layers[0].attention.rope?.rotaryDim ?? 0;
    expect(channels({})).toBe(6);
    expect(channels({ rotary_pct: 1 })).toBe(24);
    expect(channels({ rotary_pct: 0.3 })).toBe(8);
    expect(channels({ rotary_pct: 0 })).toBe(0);
    expect(channels({ rotary_pct: 0.36 })).toBe(8);
    // Of 7 channels: frequencies as torch.arange(0, 7, 2) / 7 has them.
    const odd = read("gpt_neox", { rotary_pct: 0.3 }).layers[0].attention.rope;
    expect(odd?.inverseFrequencies[1]).toBeCloseTo(1e4 ** (-2 / 7), 12);
    expect(channels({ rope_parameters: { partial_rotary_factor: 0.5, rope_theta: 100 } })).toBe(12);
  });

  it("has its blocks beside each other, unless the config says otherwise", () => {
    expect(read("gpt_neox").layers[0].isParallel).toBe(true);
    expect(read("gpt_neox", { use_parallel_residual: false }).layers[0].isParallel).toBe(false);
  });
});

it("heads are as wide as goes into the states without a rest, where no width is said", () => {
  expect(read("mistral", { hidden_size: 50 }).headDim).toBe(8);
});

it("qwen2 has no windows where theirs is null, and 4096 where it isn't said", () => {
  const used = { use_sliding_window: true, max_window_layers: 1 };
  const of = (change: object) => windows(parseConfig({ ...configOf("qwen2"), ...used, ...change }));
  expect(of({ sliding_window: null })).toEqual([null, null, null]);
  expect(of({ sliding_window: undefined })).toEqual([null, 4096, 4096]);
});

it("a silent config means what transformers' config classes have as defaults", () => {
  const sizes = { hidden_size: 64, intermediate_size: 64, num_hidden_layers: 6, vocab_size: 16 };
  const silent = (type: string, heads = 8) => parseConfig({ model_type: type, ...sizes, num_attention_heads: heads });
  const gpt2 = parseConfig({ model_type: "gpt2", n_embd: 64, n_head: 2, n_layer: 1, vocab_size: 16 });
  const gemma = silent("gemma3_text");
  expect(bases(gemma)).toEqual([1e4, 1e4, 1e4, 1e4, 1e4, 1e6]);
  expect(gemma).toMatchObject({ headDim: 256, numKeyValueHeads: 4, maxLength: 131072, tied: true });
  expect(gemma.layers[0].attention.scale).toBe(256 ** -0.5);
  expect(windows(silent("mistral"))).toEqual([4096, 4096, 4096, 4096, 4096, 4096]);
  expect(silent("mistral")).toMatchObject({ numKeyValueHeads: 8, maxLength: 131072, tied: false });
  expect(bases(silent("smollm3"))).toEqual([2e6, 2e6, 2e6, null, 2e6, 2e6]);
  expect(silent("smollm3")).toMatchObject({ numKeyValueHeads: 4, maxLength: 32768, tied: true });
  const neox = silent("gpt_neox", 2);
  expect(neox.layers[0].isParallel).toBe(true);
  expect(neox.layers[0].attention.rope?.rotaryDim).toBe(8);
  expect(neox).toMatchObject({ qkvBias: true, outputBias: true, maxLength: 2048, tied: false });
  expect(gpt2).toMatchObject({ intermediateSize: 256, maxLength: 1024, tied: true });
  const activations = [gemma, gpt2, neox, silent("mistral")].map(({ layers }) => layers[0].mlp.activation);
  expect(activations).toEqual(["gelu_tanh", "gelu_tanh", "gelu", "silu"]);
});

it("Gemma's gains are 1 + w in every norm, and both halves of a layer have one behind them", () => {
  const { layers, norm, qkNorm } = read("gemma3_text");
  const [{ attention, mlp }] = layers;
  for (const one of [norm, qkNorm, attention.norm, attention.after, mlp.norm, mlp.after]) {
    expect(one).toMatchObject({ gainOffset: 1 });
  }
});

it.each<[Fixture, object, RegExp]>([
  ["phi3", { partial_rotary_factor: 1.5 }, /partial_rotary_factor 1\.5 .*from 0 to 1/],
  ["phi3", { layer_types: ["full_attention", "full_attention"] }, /layer_types .*supported: sliding_attention/],
  ["gemma2", { attn_logit_softcapping: -1 }, /attn_logit_softcapping is -1/],
  ["gemma2", { sliding_window: null }, /sliding_window null .*a positive integer/],
  ["olmo2", { layer_types: ["sliding_attention", "full_attention", "full_attention"] }, /layer_types .*full_attention/],
  ["gemma3_text", { use_bidirectional_attention: true }, /use_bidirectional_attention true .*supported: false/],
  ["gemma3_text", { rope_parameters: { rope_theta: 1e4 } }, /rope_parameters .*full_attention and sliding_attention/],
  [
    "gemma3_text",
    { rope_scaling: { rope_type: "ntk", factor: 2 } },
    /rope_type "ntk".*default, linear, dynamic, yarn, longrope, llama3/,
  ],
  ["gemma3_text", { hidden_activation: "quick_gelu" }, /hidden_activation "quick_gelu".*gelu_pytorch_tanh/],
  ["gemma3_text", { layer_types: ["full_attention"] }, /layer_types .*each of the 3 layers/],
  ["gemma3_text", { head_dim: 21 }, /head_dim 21 .*an even number/],
  ["gpt2", { add_cross_attention: true }, /add_cross_attention true .*supported: false/],
  ["gpt2", { activation_function: "tanh" }, /activation_function "tanh".*gelu_new/],
  ["gpt2", { n_head: 7 }, /n_head 7 .*a divisor of n_embd 50/],
  ["gpt2", { n_layer: undefined }, /n_layer is undefined/],
  ["gpt_neox", { rotary_pct: 1.5 }, /rotary_pct 1\.5 .*from 0 to 1/],
  ["gpt_neox", { rotary_pct: -0.1 }, /rotary_pct -0\.1/],
  ["gpt_neox", { num_attention_heads: 5 }, /num_attention_heads 5 .*a divisor of hidden_size 48/],
  ["mistral", { layer_types: ["full_attention", "sliding_attention"] }, /layer_types .*supported: sliding_attention/],
  ["mistral", { sliding_window: 0 }, /sliding_window is 0, expected a positive/],
  [
    "mistral",
    { rope_parameters: { full_attention: { rope_theta: 5 } } },
    /rope_parameters .*one object with rope_theta/,
  ],
  ["mistral", { partial_rotary_factor: 0.5 }, /partial_rotary_factor 0\.5 .*supported: 1/],
  [
    "mistral",
    { rope_scaling: { rope_type: "default", partial_rotary_factor: 0.5 } },
    /rope_scaling\.partial_rotary_factor 0\.5/,
  ],
  ["mistral", { rope_scaling: { full_attention: { rope_theta: 5 } } }, /rope_scaling .*one object with rope_theta/],
  ["gemma3_text", { partial_rotary_factor: 0.5 }, /partial_rotary_factor 0\.5 .*supported: 1/],
  ["gemma3_text", { rope_scaling: { full_attention: { rope_theta: 5 } } }, /rope_scaling .*one object with rope_theta/],
  [
    "gemma3_text",
    { rope_parameters: { full_attention: {} }, rope_scaling: { type: "linear", factor: 2 } },
    /rope_scaling .*one of/,
  ],
  ["gemma3_text", { sliding_window: null }, /sliding_window null .*a positive integer/],
  ["gpt_neox", { rope_theta: 500 }, /rope_theta 500 .*supported: 10000/],
  ["gpt_neox", { partial_rotary_factor: 0.5 }, /partial_rotary_factor 0\.5 .*supported: 0\.25/],
  ["gpt_neox", { head_dim: 16 }, /head_dim 16 .*supported: 24/],
  ["gpt2", { num_key_value_heads: 1 }, /num_key_value_heads 1 .*supported: 5/],
  ["smollm3", { no_rope_layers: [] }, /no_rope_layers \[\] .*each of the 3 layers/],
  ["smollm3", { no_rope_layers: [1] }, /no_rope_layers \[1\] .*each of the 3 layers/],
])("%s refuses %o by the field's name, the value and what is allowed", (name, change, message) => {
  let error: unknown;
  try {
    read(name, change);
  } catch (reason) {
    error = reason;
  }
  expect(error).toBeInstanceOf(ModelLoadError);
  expect((error as Error).message).toMatch(message);
});

/** A fixture's config without a field. */
function without(name: Fixture, field: string): object {
  const { [field]: _, ...rest } = configOf(name) as Record<string, unknown>;
  return rest;
}
