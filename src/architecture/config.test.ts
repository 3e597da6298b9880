// Over 300 lines: what a config may say and what is refused, over all families and their fixtures.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadCheckpoint } from "../format/checkpoint.js";
import { fileSource } from "../format/file-source.js";
import { ModelLoadError } from "../vocabulary/errors.js";
import { capabilitiesOf, type RopeSpec } from "./architecture.js";
import { loadWeights, tensorNames } from "./tensors.js";
import { parseConfig, withReading } from "./config.js";
import type { Reading } from "./reading.js";

const locate = (path: string) => new URL(`../../${path}`, import.meta.url);
const read = (path: string): Record<string, unknown> => JSON.parse(readFileSync(locate(path), "utf8"));
const weightsOf = (folder: string) => loadCheckpoint(fileSource(locate(folder).pathname));

const FIXTURES = readdirSync(locate("tests/fixtures/models")).map((name) => `tests/fixtures/models/${name}`);
const EMBEDDED = ["story-ar", "story-draft", "story-diffusion", "stories260k"].map((name) => `public/models/${name}`);

function refusal(act: () => unknown): ModelLoadError {
  try {
    act();
  } catch (error) {
    if (error instanceof ModelLoadError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** The rotation of the first layer. */
function ropeOf(json: object): RopeSpec {
  const { rope } = parseConfig(json).layers[0].attention;
  if (rope) return rope;
  throw new Error("heads aren't rotated");
}

describe("parseConfig", () => {
  it.each(FIXTURES)("reads the hub's and transformers 5's style of %s alike", (folder) => {
    expect(parseConfig(read(`${folder}/config.v5.json`))).toEqual(parseConfig(read(`${folder}/config.json`)));
  });

  it("takes rope_theta from either place, and from rope_parameters where both have one", () => {
    const llama = read("tests/fixtures/models/llama/config.json");
    const frequencies = (change: object) =>
      ropeOf({ ...llama, rope_theta: undefined, rope_scaling: undefined, ...change }).inverseFrequencies;
    const expected = (theta: number) =>
      Array.from(frequencies({}), (_, pair, all = frequencies({})) => theta ** (-pair / all.length));
    const near = (actual: Float64Array, theta: number) =>
      expected(theta).forEach((frequency, pair) => {
        expect(actual[pair] / frequency).toBeCloseTo(1, 12);
      });
    near(frequencies({}), 10000);
    near(frequencies({ rope_theta: 500 }), 500);
    near(frequencies({ rope_parameters: { rope_type: "default", rope_theta: 500 } }), 500);
    near(frequencies({ rope_theta: 500, rope_parameters: { rope_type: "default" } }), 500);
    near(frequencies({ rope_theta: 500, rope_scaling: { rope_type: "default" } }), 500);
    near(frequencies({ rope_theta: 70, rope_parameters: { rope_type: "default", rope_theta: 500 } }), 500);
  });

  it.each([...FIXTURES, ...EMBEDDED])("asks for exactly the tensors that %s holds", async (folder) => {
    const architecture = parseConfig(read(`${folder}/config.json`));
    const tensors = await weightsOf(folder);
    const asked = tensorNames(architecture).map(({ name, stored }) =>
      (stored?.names ?? [name]).find((one) => tensors.has(one)),
    );
    expect([...new Set(asked)].sort()).toEqual([...tensors.keys()].sort());
    expect([...loadWeights(architecture, tensors).keys()]).toEqual(tensorNames(architecture).map(({ name }) => name));
  });

  it("scales rotary frequencies as llama3 does in all three bands", () => {
    const rope = ropeOf(read("tests/fixtures/models/llama-tied-rope3/config.json"));
    // By the branching formula of transformers' modeling_rope_utils, computed apart in Python.
    const expected = [
      1, 0.0794030091792082, 0.004700753866357992, 0.0009115830921521387, 0.00017677669529663688, 3.428102195952591e-5,
      6.647869871181235e-6, 1.2891731721515574e-6,
    ];
    expect(rope.inverseFrequencies).toHaveLength(8);
    for (const [pair, frequency] of expected.entries()) {
      expect(rope.inverseFrequencies[pair] / frequency).toBeCloseTo(1, 13);
    }
  });

  it("divides rotary frequencies by a linear factor, in both styles", () => {
    const llama = read("tests/fixtures/models/llama/config.json");
    const linear = [1, 0.1, 0.01, 0.001].map((frequency) => frequency / 4);
    for (const change of [
      { rope_scaling: { type: "linear", factor: 4 } },
      { rope_theta: undefined, rope_parameters: { rope_type: "linear", factor: 4, rope_theta: 10000 } },
    ]) {
      const { inverseFrequencies } = ropeOf({ ...llama, ...change });
      for (const [pair, frequency] of linear.entries()) expect(inverseFrequencies[pair]).toBeCloseTo(frequency, 15);
    }
  });

  it("gives qwen2 biases on q, k, v alone, and llama and qwen3 theirs by attention_bias", () => {
    const biases = (folder: string, change: object) =>
      tensorNames(parseConfig({ ...read(`${folder}/config.json`), ...change }))
        .filter(({ name }) => name.startsWith("model.layers.0.") && name.endsWith(".bias"))
        .map(({ name }) => name.split(".").at(-2));
    expect(biases("tests/fixtures/models/qwen2", {})).toEqual(["q_proj", "k_proj", "v_proj"]);
    expect(biases("tests/fixtures/models/qwen3", { attention_bias: true })).toEqual([
      "q_proj",
      "k_proj",
      "v_proj",
      "o_proj",
    ]);
    expect(biases("tests/fixtures/models/llama", { attention_bias: true })).toEqual([
      "q_proj",
      "k_proj",
      "v_proj",
      "o_proj",
    ]);
    expect(biases("tests/fixtures/models/llama", { mlp_bias: true })).toEqual(["gate_proj", "up_proj", "down_proj"]);
  });

  it("windows the layers from max_window_layers on, or those that layer_types names", () => {
    const qwen2 = read("tests/fixtures/models/qwen2/config.json");
    const windows = (change: object) =>
      parseConfig({ ...qwen2, ...change }).layers.map(({ attention }) => attention.window);
    expect(windows({})).toEqual([null, null, null]);
    expect(windows({ use_sliding_window: true, sliding_window: 7, max_window_layers: 1 })).toEqual([null, 7, 7]);
    const layerTypes = ["sliding_attention", "full_attention", "sliding_attention"];
    expect(windows({ use_sliding_window: true, sliding_window: 5, layer_types: layerTypes })).toEqual([5, null, 5]);
  });

  it("joins the end tokens of config and generation_config, each once", () => {
    const stories = read("public/models/stories260k/config.json");
    expect(parseConfig(stories, { eos_token_id: [2, 7] }).eosTokens).toEqual([1, 2, 7]);
    expect(parseConfig({ ...stories, eos_token_id: null }, { eos_token_id: 2 }).eosTokens).toEqual([2]);
  });

  it.each<[string, object, RegExp]>([
    [
      "an unknown model_type",
      { model_type: "bloom" },
      /model_type "bloom" isn't supported; supported: llama, qwen2, qwen3, a2d-qwen3/,
    ],
    ["no model_type", { model_type: undefined }, /model_type .*supported: llama/],
    ["a prototype's name as model_type", { model_type: "toString" }, /model_type "toString" isn't supported/],
    [
      "an unknown rope type",
      { rope_scaling: { rope_type: "ntk", factor: 4 } },
      /rope_type "ntk".*default, linear, dynamic, yarn, longrope, llama3/,
    ],
    ["a rope type without its factor", { rope_scaling: { type: "linear" } }, /rope_scaling\.factor is missing/],
    ["a factor without a rope type", { rope_scaling: { factor: 4 } }, /rope_scaling\.rope_type undefined.*linear/],
    [
      "a factor beside a rope type of null",
      { rope_parameters: { rope_type: null, factor: 4, rope_theta: 10000 } },
      /rope_parameters\.rope_type null.*linear/,
    ],
    ["partial rotary", { partial_rotary_factor: 0.5 }, /partial_rotary_factor 0\.5/],
    ["an unknown activation", { hidden_act: "relu6" }, /hidden_act "relu6".*silu/],
    ["quantised weights", { quantization_config: { bits: 4 } }, /quantization_config/],
    ["a missing size", { hidden_size: undefined }, /hidden_size is undefined|hidden_size is missing/],
    [
      "a size that is no number",
      { num_hidden_layers: "two" },
      /num_hidden_layers is "two", expected a positive integer/,
    ],
    ["heads that don't divide", { num_key_value_heads: 4 }, /num_key_value_heads 4.*divisor of num_attention_heads 6/],
    ["windows in a llama", { layer_types: ["sliding_attention", "full_attention"] }, /layer_types .*full_attention/],
    ["layer types of another depth", { layer_types: ["full_attention"] }, /each of the 2 layers/],
  ])("refuses %s by name, in one line", (_what, change, message) => {
    const error = refusal(() => parseConfig({ ...read("tests/fixtures/models/llama/config.json"), ...change }));
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain("\n");
  });

  it("takes numbers that are written as strings, and any dtype, as some tools leave them", () => {
    const plain = read("tests/fixtures/models/llama/config.json");
    const asText = (value: unknown) => (typeof value === "number" ? String(value) : value);
    const written = Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, asText(value)]));
    expect(parseConfig(written)).toEqual(parseConfig(plain));
    const theta = { rope_theta: "10000", rope_scaling: undefined };
    expect(ropeOf({ ...plain, ...theta })).toEqual(ropeOf({ ...plain, ...theta, rope_theta: 1e4 }));
    for (const dtype of [{ text_config: "bfloat16" }, null, 16, ["float32"]]) {
      expect(parseConfig({ ...plain, torch_dtype: undefined, dtype }).dtype).toBeUndefined();
    }
    expect(parseConfig({ ...plain, tie_word_embeddings: "true" }).tied).toBe(true);
  });

  it("leaves out end tokens that the vocabulary lacks, since they are never emitted", () => {
    const { vocab_size: size, ...plain } = read("tests/fixtures/models/llama/config.json");
    const config = { ...plain, vocab_size: size, eos_token_id: [2, size] };
    expect(parseConfig(config, { eos_token_id: [5, Number(size) + 7] }).eosTokens).toEqual([2, 5]);
    expect(parseConfig({ ...plain, vocab_size: size, eos_token_id: null }, {}).eosTokens).toEqual([]);
  });

  it("refuses sizes that would fill the memory, by the field", () => {
    const plain = read("tests/fixtures/models/llama/config.json");
    const of = (change: object) => refusal(() => parseConfig({ ...plain, ...change })).message;
    expect(of({ num_hidden_layers: 1e9 })).toMatch(/num_hidden_layers is 1000000000, expected .*at most 2048/);
    expect(of({ head_dim: 1e12 })).toMatch(/head_dim 1000000000000 .*at most 4096 channels/);
    expect(of({ hidden_size: 6e12, head_dim: null })).toMatch(/hidden_size 6000000000000 .*at most 4096 channels/);
    const gpt2 = read("tests/fixtures/models/gpt2/config.json");
    expect(refusal(() => parseConfig({ ...gpt2, n_embd: 5e9 })).message).toMatch(/n_embd 5000000000 .*4096 channels/);
    const long = refusal(() => parseConfig({ ...plain, rms_norm_eps: Array(5000).fill(1) })).message;
    expect(long.length).toBeLessThan(300);
  });

  it("refuses what isn't an object", () => {
    for (const json of [null, [], "text"])
      expect(refusal(() => parseConfig(json)).message).toMatch(/isn't a JSON object/);
  });
});

describe("how a masked model reads", () => {
  const { block_size, block_sizes, ...silent } = read("public/models/story-diffusion/config.json");
  const hub = (name: string) => read(`tests/fixtures/masked/${name}/config.json`);
  const lengths = (json: unknown, reading?: Reading) => parseConfig(withReading(json, reading)).blockLengths;

  it("is what its config says, or else what is said at load, and never guessed", () => {
    for (const json of [silent, hub("a2d-qwen3"), hub("a2d-qwen2"), hub("a2d-llama")]) {
      expect(refusal(() => withReading(json))).toMatchObject({ code: "unknown_reading" });
      expect(refusal(() => withReading(json)).message).toMatch(
        /block_size, block_sizes.*give blockLength.*32 .*"full" for one that reads its whole canvas/,
      );
      expect(lengths(json, 32)).toEqual([32]);
      expect(lengths(json, "full")).toEqual([]);
    }
    expect(lengths({ ...silent, block_sizes: [] })).toEqual([]);
    expect(lengths({ ...silent, block_size, block_sizes })).toEqual([8, 4, 16, 32]);
    expect(lengths({ ...silent, block_size, block_sizes }, 16)).toEqual([16]);
  });

  it("is its family's where all models of it read alike", () => {
    for (const name of ["llada", "dream", "diffugpt"]) {
      expect(lengths(hub(name))).toEqual([]);
      expect(lengths(hub(name), "full")).toEqual([]);
      expect(() => withReading(hub(name), 8)).toThrow(/blockLength 8 contradicts model_type.*its whole canvas/);
    }
    expect(lengths(hub("fast-dllm"))).toEqual([8]);
    const { bd_size: _, ...silentFast } = hub("fast-dllm");
    expect(lengths(silentFast)).toEqual([32]);
    expect(() => withReading(silentFast, 16)).toThrow(/blockLength 16 contradicts.*blocks of 32/);
    expect(lengths(hub("sdar"))).toEqual([4]);
    const { block_size: __, ...silentSdar } = hub("sdar");
    expect(refusal(() => withReading(silentSdar)).message).toMatch(/4 for a model that was trained on blocks of 4\./);
    expect(lengths(silentSdar, 64)).toEqual([64]);
    expect(() => withReading(silentSdar, "full")).toThrow(/can't be "full".*as 4, 8, 16, 32, 64/);
    expect(() => withReading(hub("wedlm"), 8)).toThrow(/blockLength.*left to right/);
  });

  it("fills a position in place or from the row before, as the family does", () => {
    const readings = ["a2d-qwen3", "llada", "dream", "fast-dllm", "sdar", "wedlm", "diffugpt"].map((name) => {
      const reading = name.startsWith("a2d") ? "full" : undefined;
      const { causal, bidirectional, inPlace } = parseConfig(withReading(hub(name), reading));
      return [name, inPlace, causal, bidirectional];
    });
    expect(readings).toEqual([
      ["a2d-qwen3", true, false, true],
      ["llada", true, false, true],
      ["dream", false, false, true],
      ["fast-dllm", false, false, true],
      ["sdar", true, false, true],
      ["wedlm", true, true, false],
      ["diffugpt", false, false, true],
    ]);
  });

  it("tells DiffuGPT from GPT-2 by its class, or by what is said at load", () => {
    const { architectures: _, ...silentGpt } = hub("diffugpt");
    expect(parseConfig(hub("diffugpt")).modelType).toBe("diffugpt");
    expect(parseConfig({ ...silentGpt, model_type: "diffugpt" }).modelType).toBe("diffugpt");
    expect(parseConfig(silentGpt)).toMatchObject({ modelType: "gpt2", causal: true });
    expect(parseConfig(withReading(silentGpt, "full"))).toMatchObject({ modelType: "diffugpt", causal: false });
    expect(() => withReading(silentGpt, 8)).toThrow(/left to right/);
  });

  it("is refused where it contradicts the config or isn't one", () => {
    const told = { ...silent, block_size, block_sizes };
    for (const reading of [5, "full"] as const) expect(() => withReading(told, reading)).toThrow(/contradicts config/);
    for (const reading of [0, 65, 1.5, Number.NaN]) {
      expect(() => withReading(silent, reading)).toThrow(/blockLength can't be .*from 1 to 64, or "full"/);
    }
    expect(() => withReading(read("public/models/story-ar/config.json"), 8)).toThrow(/blockLength.*left to right/);
  });

  it("can't be blocks of more than 64", () => {
    expect(refusal(() => parseConfig({ ...silent, block_size: 128 })).message).toMatch(/block_size 128 .*from 1 to 64/);
    expect(refusal(() => parseConfig({ ...silent, block_sizes: [16, 128] })).message).toMatch(/block_sizes 128 /);
    expect(refusal(() => parseConfig({ ...hub("fast-dllm"), bd_size: 65 })).message).toMatch(/bd_size 65 /);
  });
});

describe("llada", () => {
  const llada = read("tests/fixtures/masked/llada/config.json");

  it("reads OLMo's names: sizes, groups of heads, padded rows, scaled embeddings, biases", () => {
    expect(parseConfig(llada)).toMatchObject({
      ...{ hiddenSize: 32, intermediateSize: 56, numHeads: 4, numKeyValueHeads: 2, headDim: 8, tied: false },
      ...{ maskToken: 82, maxLength: 128, vocabSize: 96, qkvBias: false, outputBias: false, mlpBias: false },
    });
    expect(parseConfig(llada).numTokens).toBeUndefined();
    expect(parseConfig({ ...llada, n_kv_heads: null }).numKeyValueHeads).toBe(4);
    expect(parseConfig({ ...llada, n_kv_heads: null, multi_query_attention: true }).numKeyValueHeads).toBe(1);
    expect(parseConfig({ ...llada, mlp_hidden_size: null }).intermediateSize).toBe(128);
    expect(parseConfig({ ...llada, embedding_size: 128 })).toMatchObject({ vocabSize: 128, numTokens: 96 });
    expect(parseConfig({ ...llada, input_emb_norm: true }).embedding.scale).toBe(Math.fround(Math.sqrt(32)));
    expect(parseConfig({ ...llada, include_qkv_bias: true })).toMatchObject({ qkvBias: true, outputBias: false });
  });

  it.each<[object, RegExp]>([
    [{ block_type: "sequential" }, /block_type "sequential".*supported: llama/],
    [{ block_type: null }, /block_type null.*llama/],
    [{ block_group_size: 2 }, /block_group_size 2 .*supported: 1/],
    [{ layer_norm_type: "default" }, /layer_norm_type "default".*rms/],
    [{ rope: false }, /rope false .*true/],
    [{ alibi: true }, /alibi true .*false/],
    [{ include_bias: true }, /include_bias true .*false/],
    [{ attention_layer_norm: true }, /attention_layer_norm true/],
    [{ scale_logits: true }, /scale_logits true/],
    [{ clip_qkv: 8 }, /clip_qkv 8 .*null/],
    [{ activation_type: "swiglu" }, /activation_type "swiglu".*silu/],
    [{ activation_type: undefined }, /activation_type "swiglu"|activation_type undefined/],
    [{ embedding_size: 64 }, /embedding_size 64 .*96 \(vocab_size\) or more/],
    [{ n_heads: 5 }, /n_heads 5 /],
    [{ n_kv_heads: 3 }, /n_kv_heads 3 .*a divisor of n_heads 4/],
    [{ mask_token_id: 96 }, /mask_token_id 96 is outside the vocabulary of 96/],
    [{ d_model: undefined }, /d_model is/],
  ])("refuses %o by name", (change, message) => {
    expect(refusal(() => parseConfig({ ...llada, ...change })).message).toMatch(message);
  });
});

describe("loadWeights", () => {
  const folder = "tests/fixtures/models/qwen3";
  const config = read(`${folder}/config.json`);

  it("names the tensor, the shape found and the shape expected", async () => {
    const tensors = await weightsOf(folder);
    const act = () => loadWeights(parseConfig({ ...config, intermediate_size: 131 }), tensors);
    expect(refusal(act).message).toMatch(
      /model\.layers\.0\.mlp\.gate_proj\.weight has shape \[130, 48\], expected \[131, 48\]/,
    );
  });

  it("names a missing tensor and its shape", async () => {
    const whole = await weightsOf(folder);
    const tensors = new Map(whole);
    tensors.delete("model.layers.1.self_attn.k_norm.weight");
    const act = () => loadWeights(parseConfig(config), tensors);
    expect(refusal(act).message).toMatch(/model\.layers\.1\.self_attn\.k_norm\.weight of shape \[20\] is missing/);
    expect(refusal(() => loadWeights(parseConfig({ ...config, tie_word_embeddings: false }), whole)).message).toMatch(
      /lm_head\.weight of shape \[300, 48\] is missing/,
    );
  });
});

describe("capabilitiesOf", () => {
  it("tells the diffusion model from the causal one", () => {
    const of = (name: string) => capabilitiesOf(parseConfig(read(`public/models/${name}/config.json`)));
    expect(of("story-diffusion")).toMatchObject({
      causal: false,
      bidirectional: true,
      blockLengths: [8, 4, 16, 32],
      inPlace: true,
      maskToken: 1,
      maxLength: 512,
      vocabSize: 4096,
      eosTokens: [0],
    });
    expect(of("story-ar")).toMatchObject({
      causal: true,
      bidirectional: false,
      blockLengths: [],
      inPlace: false,
      maskToken: null,
    });
    const shifted = { ...read("public/models/story-diffusion/config.json"), logit_shift: true };
    expect(capabilitiesOf(parseConfig(shifted)).inPlace).toBe(false);
  });
});
