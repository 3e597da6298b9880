// Where a config says what a rotation's base is, and what it scales from.
import { describe, expect, it } from "vitest";
import { bases, configOf, readFixture as read } from "../testing/fixture-configs.js";
import type { Architecture } from "./architecture.js";
import { parseConfig } from "./config.js";

/** The base of the first layer that rotates. */
const baseOf = (architecture: Architecture) => bases(architecture).find((base) => base !== null);

// As the config classes of transformers 5.24 read such configs.
describe("where a base may stand", () => {
  const rotating = ["llama", "qwen2", "qwen3", "mistral", "smollm3", "gpt_neox"] as const;
  const silent = (name: Rotating, change: object) =>
    parseConfig({
      ...configOf(name),
      rope_theta: undefined,
      rope_scaling: undefined,
      rotary_emb_base: undefined,
      ...change,
    });
  type Rotating = (typeof rotating)[number];

  it.each(rotating)("%s takes it from rope_scaling as from rope_parameters, before its own field", (name) => {
    const own = name === "gpt_neox" ? "rotary_emb_base" : "rope_theta";
    for (const field of ["rope_scaling", "rope_parameters"]) {
      expect(baseOf(silent(name, { [field]: { rope_type: "default", rope_theta: 500 } }))).toBe(500);
      expect(baseOf(silent(name, { [own]: 70, [field]: { rope_type: "default", rope_theta: 500 } }))).toBe(500);
      expect(baseOf(silent(name, { [own]: 70, [field]: { rope_type: "default" } }))).toBe(70);
      expect(baseOf(silent(name, { [own]: 70, [field]: {} }))).toBe(70);
    }
    const both = { rope_type: "default", rope_theta: 500 };
    expect(baseOf(silent(name, { rope_scaling: both, rope_parameters: both }))).toBe(500);
    expect(baseOf(silent(name, { rope_scaling: {}, rope_parameters: both }))).toBe(500);
    expect(() => silent(name, { rope_scaling: { ...both, rope_theta: 9 }, rope_parameters: both })).toThrow(
      /rope_scaling .*supported: one of rope_parameters and rope_scaling/,
    );
  });

  it("gemma3_text takes that of its layers without a window from rope_scaling too", () => {
    const of = (change: object) => bases(read("gemma3_text", { rope_theta: undefined, ...change }));
    expect(of({ rope_scaling: { rope_type: "default", rope_theta: 500 } })).toEqual([1e4, 1e4, 500]);
    expect(of({ rope_theta: 70, rope_scaling: { rope_type: "default", rope_theta: 500 } })).toEqual([1e4, 1e4, 500]);
    const parameters = { full_attention: { rope_theta: 9 } };
    expect(of({ rope_theta: 70, rope_local_base_freq: 3, rope_parameters: parameters })).toEqual([3, 3, 9]);
  });

  it("gpt_neox takes the share of its heads that is rotated from either", () => {
    const channels = (change: object) => read("gpt_neox", change).layers[0].attention.rope?.rotaryDim;
    expect(channels({ rope_scaling: { rope_type: "default", partial_rotary_factor: 0.5 } })).toBe(12);
    expect(channels({ rotary_pct: 0.5, rope_scaling: { rope_type: "default", rope_theta: 500 } })).toBe(12);
    expect(channels({ rope_theta: 10000, partial_rotary_factor: 0.25 })).toBe(6);
  });

  it("a config's type or factor beside its rotation is no scaling of it", () => {
    expect(baseOf(read("mistral", { type: "linear", rope_type: "none", factor: 4 }))).toBe(10000);
  });
});

it("the length that llama3 scales from is the context where the scaling doesn't say it", () => {
  const scaling = { rope_type: "llama3", factor: 8, low_freq_factor: 1, high_freq_factor: 4 };
  const frequencies = (change: object) =>
    read("mistral", { rope_scaling: scaling, ...change }).layers[0].attention.rope?.inverseFrequencies;
  const said = { rope_scaling: { ...scaling, original_max_position_embeddings: 256 } };
  expect(frequencies({})).toEqual(frequencies(said));
  expect(frequencies({ original_max_position_embeddings: 256 })).toEqual(frequencies(said));
  expect(() => frequencies({ original_max_position_embeddings: 128 })).toThrow(/original_max_position_embeddings 128 /);
});
