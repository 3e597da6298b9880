// What is refused of a LoRA adapter, and how its parts find the model's tensors; that logits are PEFT's is for lora.onnx.test.ts.
import { describe, expect, it } from "vitest";
import { type TensorValues, writeSafetensors } from "../testing/write-safetensors.js";
import { ModelLoadError } from "../vocabulary/errors.js";
import { openCheckpoint } from "./checkpoint.js";
import { loraSource } from "./lora-source.js";
import { memorySource } from "./source.js";
import type { Rows } from "./tensor.js";
import { widen } from "./widen.js";

const CONFIG = { peft_type: "LORA", r: 2, lora_alpha: 3, bias: "none", target_modules: ["q_proj"] };
const ramp = (...shape: number[]): TensorValues => ({
  shape,
  values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 7) % 11) - 5),
});
const MODEL = new Map([
  ["model.layers.0.self_attn.q_proj.weight", ramp(3, 4)],
  ["model.embed_tokens.weight", ramp(5, 4)],
]);
const MODULE = "base_model.model.model.layers.0.self_attn.q_proj";
const FACTORS: [string, TensorValues][] = [
  [`${MODULE}.lora_A.weight`, ramp(2, 4)],
  [`${MODULE}.lora_B.weight`, ramp(3, 2)],
];

const open = (config: object, factors = FACTORS, model: ReadonlyMap<string, TensorValues> = MODEL) => {
  const base = memorySource(new Map([["model.safetensors", writeSafetensors(model)]]));
  const files: [string, unknown][] = [
    ["adapter_config.json", config],
    ["adapter_model.safetensors", writeSafetensors(new Map(factors))],
  ];
  return openCheckpoint(loraSource(base, memorySource(new Map(files))));
};
const read = async (name: string, how: Parameters<typeof open>, rows?: Rows) =>
  Array.from(widen(await (await open(...how)).read(name, rows)));

/** scale · B A added to the ramp, written out. */
function expected(scale: number): number[] {
  const [a, b, w] = [FACTORS[0][1].values, FACTORS[1][1].values, ramp(3, 4).values];
  return Array.from(w, (value, i) => {
    const [row, column] = [Math.floor(i / 4), i % 4];
    return Math.fround(value + scale * (b[row * 2] * a[column] + b[row * 2 + 1] * a[4 + column]));
  });
}

describe("a folder with a LoRA adapter", () => {
  const name = "model.layers.0.self_attn.q_proj.weight";

  it("has alpha / r times B A added to a matrix, alpha / sqrt(r) by rslora, and patterns' own", async () => {
    expect(await read(name, [CONFIG])).toEqual(expected(3 / 2));
    expect(await read(name, [{ ...CONFIG, use_rslora: true }])).toEqual(expected(3 / Math.sqrt(2)));
    expect(await read(name, [{ ...CONFIG, r: 9, rank_pattern: { q_proj: 2 } }])).toEqual(expected(3 / 2));
    const long = { "model\\.layers\\.(\\d+|x)\\.(.*\\.)?(q|k)_proj": 2 };
    expect(await read(name, [{ ...CONFIG, r: 9, rank_pattern: long }])).toEqual(expected(3 / 2));
    const pattern = { "layers\\.0\\..*q_proj": 8, proj: 100 };
    expect(await read(name, [{ ...CONFIG, alpha_pattern: pattern }])).toEqual(expected(8 / 2));
  });

  it("gives rows as it gives the whole, in 32 bits, and leaves other tensors alone", async () => {
    expect(await read(name, [CONFIG], { begin: 1, end: 3 })).toEqual(expected(3 / 2).slice(4));
    const checkpoint = await open(CONFIG);
    expect(checkpoint.tensors.get(name)?.dtype).toBe("F32");
    expect(await read("model.embed_tokens.weight", [CONFIG])).toEqual(Array.from(ramp(5, 4).values));
  });

  it("finds a matrix whose file has no prefix, and one that is stored the other way round", async () => {
    const model = new Map([["layers.0.self_attn.q_proj.weight", ramp(4, 3)]]);
    const found = await read("layers.0.self_attn.q_proj.weight", [CONFIG, FACTORS, model]);
    const delta = expected(3 / 2).map((value, i) => value - ramp(3, 4).values[i]);
    const turned = Array.from(ramp(4, 3).values, (value, i) => value + delta[(i % 3) * 4 + Math.floor(i / 3)]);
    expect(found).toEqual(turned);
    for (const begin of [0, 2]) {
      const rows = await read("layers.0.self_attn.q_proj.weight", [CONFIG, FACTORS, model], { begin, end: begin + 2 });
      expect(rows).toEqual(turned.slice(begin * 3, begin * 3 + 6));
    }
  });

  it("has come right once the model's files and the adapter's have", async () => {
    const of = (what: string) => ({
      ...memorySource(new Map()),
      finish: async (signal?: AbortSignal) => void finished.push([what, signal]),
    });
    const finished: unknown[] = [];
    const { signal } = new AbortController();
    await loraSource(of("model"), of("adapter")).finish?.(signal);
    expect(finished).toEqual([
      ["model", signal],
      ["adapter", signal],
    ]);
    const changed = {
      ...memorySource(new Map()),
      finish: () => Promise.reject(new ModelLoadError("x", "changed_file")),
    };
    await expect(loraSource(memorySource(new Map()), changed).finish?.()).rejects.toMatchObject({
      code: "changed_file",
    });
  });

  it("has whole weights of modules_to_save in the place of the model's", async () => {
    const head: [string, TensorValues] = ["base_model.model.lm_head.weight", ramp(5, 4)];
    expect((await open(CONFIG, [...FACTORS, head])).tensors.has("lm_head.weight")).toBe(true);
    const tokens: [string, TensorValues] = [
      `base_model.model.model.embed_tokens.weight`,
      { ...ramp(5, 4), values: new Float32Array(20) },
    ];
    expect(await read("model.embed_tokens.weight", [CONFIG, [head, tokens]])).toEqual(Array<number>(20).fill(0));
    await expect(open(CONFIG, [tokens])).rejects.toThrow(/replaces model.embed_tokens.weight and not the LM head/);
    await expect(open(CONFIG, [[head[0], ramp(6, 4)], tokens, ["x.bias", ramp(1)]])).rejects.toThrow(
      /x\.bias, of which the model has none/,
    );
    await expect(open(CONFIG, [[tokens[0], ramp(6, 4)], head])).rejects.toThrow(
      /has shape \[6, 4\], the model's \[5, 4\]/,
    );
  });

  it.each<[string, object, RegExp]>([
    ["another method", { peft_type: "LOHA" }, /peft_type "LOHA" isn't supported; supported: LORA/],
    ["DoRA", { use_dora: true }, /use_dora true .*supported: false/],
    ["biases", { bias: "all" }, /bias "all" .*supported: "none"/],
    ["biases of LoRA", { lora_bias: true }, /lora_bias true/],
    ["weights that PiSSA has changed", { init_lora_weights: "pissa_niter_4" }, /init_lora_weights "pissa_niter_4"/],
    ["repeated layers", { layer_replication: [[0, 1]] }, /layer_replication \[\[0,1\]\]/],
    ["new tokens", { trainable_token_indices: [3] }, /trainable_token_indices \[3\]/],
    ["another rank", { r: 3 }, /says rank 3 for model\.layers\.0\.self_attn\.q_proj, whose lora_A has 2 rows/],
    ["no rank", { r: undefined }, /r is undefined, expected a positive number/],
    ["a pattern that is none", { rank_pattern: { "(": 2 } }, /rank_pattern "\("/],
    [
      "a long value, which is cut",
      { bias: "x".repeat(3000) },
      /^adapter_config\.json: bias "x{200,240} isn't supported/,
    ],
    ["a pattern that could search for ever", { alpha_pattern: { "([a-z_]+)+!": 2 } }, /alpha_pattern .* several ways/],
  ])("is refused with %s", async (_what, change, message) => {
    const opening = open({ ...CONFIG, ...change });
    await expect(opening).rejects.toThrow(ModelLoadError);
    await expect(opening).rejects.toThrow(message);
  });

  it.each<[string, [string, TensorValues][], RegExp]>([
    ["one factor", FACTORS.slice(0, 1), /lora_B\.weight is missing in adapter_model\.safetensors/],
    [
      "factors that don't meet",
      [FACTORS[0], [FACTORS[1][0], ramp(3, 3)]],
      /lora_A of .* has shape \[2, 4\] and lora_B \[3, 3\]/,
    ],
    [
      "factors of another size",
      [FACTORS[0], [FACTORS[1][0], ramp(7, 2)]],
      /factors for \[7, 4\] of model\.layers\.0.*\[3, 4\]/,
    ],
    [
      "a module that isn't there",
      FACTORS.map(([key, values]) => [key.replace("q_proj", "w_proj"), values]),
      /w_proj\.weight, of which/,
    ],
    [
      "an embedding's factors",
      [...FACTORS, ["base_model.model.wte.lora_embedding_A", ramp(2, 5)]],
      /lora_embedding_A .*isn't supported/,
    ],
    [
      "DoRA's magnitudes",
      [...FACTORS, [`${MODULE}.lora_magnitude_vector`, ramp(3)]],
      /lora_magnitude_vector .*isn't supported/,
    ],
  ])("is refused with %s", async (_what, factors, message) => {
    await expect(open(CONFIG, factors)).rejects.toThrow(ModelLoadError);
    await expect(open(CONFIG, factors)).rejects.toThrow(message);
  });
});
