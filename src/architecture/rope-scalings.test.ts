// Rotations of scaled configs as transformers computes them (tests/fixtures/families/make_ropes.py).
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ModelLoadError } from "../vocabulary/errors.js";
import type { RopeSpec } from "./architecture.js";
import { parseConfig } from "./config.js";
import { frequenciesOf } from "./rope-frequencies.js";

interface Golden {
  config: Record<string, unknown> & { rope_scaling?: Record<string, unknown> };
  context: number;
  scale: number;
  frequencies: number[];
}

const GOLDENS = JSON.parse(
  readFileSync(new URL("../../tests/fixtures/families/ropes.json", import.meta.url), "utf8"),
) as Golden[];
const ropeOf = (config: object) => parseConfig(config).layers[0].attention.rope as RopeSpec;
const named = (change: object, type = "llama") => ({ ...golden(type).config, ...change });
const golden = (type: string) => GOLDENS.find(({ config }) => config.model_type === type) as Golden;
const longrope = GOLDENS.find(({ config }) => config.rope_scaling?.type === "longrope") as Golden;

it.each(GOLDENS)("$config.model_type with $config.rope_scaling for $context positions", (one) => {
  const rope = ropeOf(one.config);
  const frequencies = frequenciesOf(rope, one.context);
  expect(frequencies.length).toBe(one.frequencies.length);
  for (const [pair, wanted] of one.frequencies.entries()) {
    expect(Math.abs(frequencies[pair] / wanted - 1)).toBeLessThan(2e-6);
  }
  expect(rope.attentionScale).toBeCloseTo(one.scale, 7);
});

describe("a rotation that is another for long contexts", () => {
  it("bounds the context that is taken unasked", () => {
    const of = (config: object) => {
      const { maxLength, trainedLength } = parseConfig(config);
      return { maxLength, trainedLength };
    };
    expect(of(longrope.config)).toEqual({ maxLength: 256, trainedLength: 64 });
    expect(of(named({ rope_scaling: { type: "dynamic", factor: 2.5 } }))).toEqual({
      maxLength: 640,
      trainedLength: 256,
    });
    expect(of(named({ rope_scaling: { type: "linear", factor: 2.5 } }))).toEqual({ maxLength: 256 });
  });
});

it("Phi's su and yarn are its longrope by older names", () => {
  const { config } = GOLDENS.find(({ config }) => config.model_type === "phi3") as Golden;
  for (const type of ["su", "yarn"]) {
    expect(ropeOf({ ...config, rope_scaling: { ...config.rope_scaling, type } })).toEqual(ropeOf(config));
  }
});

it.each<[string, object, RegExp]>([
  [
    "a factor for too few pairs",
    { ...longrope.config.rope_scaling, short_factor: [1, 2] },
    /short_factor .*a list of 16/,
  ],
  [
    "factors that are no numbers",
    { ...longrope.config.rope_scaling, long_factor: [1, "x"] },
    /long_factor .*positive numbers/,
  ],
  ["longrope of one list", { ...longrope.config.rope_scaling, long_factor: undefined }, /rope_scaling\.long_factor is/],
  ["dynamic without a factor", { type: "dynamic" }, /rope_scaling\.factor is missing/],
  [
    "llama3 without a band",
    { type: "llama3", factor: 2, low_freq_factor: 4, high_freq_factor: 4 },
    /high_freq_factor 4 /,
  ],
  ["a scaling that nobody knows", { type: "ntk" }, /rope_type "ntk".*default, linear, dynamic, yarn, longrope, llama3/],
  ["a scaling of nothing", { type: "longrope", short_factor: [], long_factor: [] }, /long_factor \[\]/],
])("refuses %s", (_what, rope_scaling, message) => {
  expect(() => parseConfig(named({ rope_scaling }))).toThrow(message);
  expect(() => parseConfig(named({ rope_scaling }))).toThrow(ModelLoadError);
});
