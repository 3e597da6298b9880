import { describe, expect, it } from "vitest";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { blockDiffusion } from "./block-diffusion/decoder.js";
import { decoders, findDecoder } from "./index.js";
import { COMMON_OPTIONS, checkId } from "./options.js";
import { encodeTexts, parseOptions } from "./parse-options.js";

const parse = (raw: Record<string, unknown>) => parseOptions(blockDiffusion.options, raw);

describe("parseOptions", () => {
  it("fills in every default", () => {
    expect(parseOptions(COMMON_OPTIONS, {})).toEqual({
      max_new_tokens: 128,
      temperature: 0,
      top_k: 0,
      top_p: 1,
      min_p: 0,
      repetition_penalty: 1,
      logit_bias: {},
      seed: 0,
      stop: [],
    });
  });

  it("takes snake_case, camelCase and kebab-case, and refuses two spellings at once", () => {
    for (const name of ["max_new_tokens", "maxNewTokens", "max-new-tokens"]) {
      expect(parse({ [name]: 5 }).max_new_tokens).toBe(5);
    }
    expect(parse({ topK: 3, minP: 0.5 })).toMatchObject({ top_k: 3, min_p: 0.5 });
    expect(() => parse({ top_k: 3, topK: 3 })).toThrow(/top_k.*twice/);
  });

  it("reads values from strings, as a command line gives them", () => {
    const raw = { seed: "4294967295", temperature: "0.5", order: "random", stop: "x", logit_bias: '{"5": -2}' };
    expect(parse(raw)).toMatchObject({
      seed: 4294967295,
      temperature: 0.5,
      order: "random",
      stop: ["x"],
      logit_bias: { 5: -2 },
    });
    expect(parse({ stop: ["a", "b"], logitBias: new Map([[7, 1]]) })).toMatchObject({
      stop: ["a", "b"],
      logit_bias: { 7: 1 },
    });
  });

  it("takes the number that a text writes, wherever its spaces, point or power of ten", () => {
    const raw = { max_new_tokens: " 1e1 ", temperature: ".5", seed: "5.", top_p: "5e-1" };
    expect(parse(raw)).toMatchObject({ max_new_tokens: 10, temperature: 0.5, seed: 5, top_p: 0.5 });
  });

  it.each([
    ["max_new_tokens", -1],
    ["max_new_tokens", 1.5],
    ["max_new_tokens", "ten"],
    ["max_new_tokens", ""],
    ["max_new_tokens", null],
    ["max_new_tokens", "0x10"],
    ["max_new_tokens", "1_0"],
    ["max_new_tokens", "٣"],
    ["max_new_tokens", "3.5"],
    ["max_new_tokens", ["3"]],
    ["seed", "0b1"],
    ["temperature", "0x1"],
    ["temperature", "Infinity"],
    ["temperature", " "],
    ["logit_bias", { 5: "0x10" }],
    ["logit_bias", { "0x5": 1 }],
    ["temperature", Number.NaN],
    ["temperature", -0.1],
    ["temperature", Number.POSITIVE_INFINITY],
    ["temperature", 1e-9],
    ["top_k", -1],
    ["top_p", 0],
    ["top_p", 1.01],
    ["min_p", 2],
    ["repetition_penalty", 0],
    ["seed", 2 ** 32],
    ["stop", ""],
    ["stop", [3]],
    ["logit_bias", { x: 1 }],
    ["logit_bias", { 3: "high" }],
    ["logit_bias", "5:1"],
    ["logit_bias", { 3: 1, "03": 2 }],
    ["logit_bias", '{"12": 1, "0012": 1}'],
    ["logit_bias", { 5: 1e39 }],
    ["logit_bias", { 5: -1e39 }],
    ["logit_bias", { 5: 1e-45 }],
    ["logit_bias", '{"5": 3.5e38}'],
    ["classifier_weights", { 5: 1e39 }],
    ["top_p", 1e-46],
    ["min_p", 1e-39],
    ["repetition_penalty", 1e-40],
    ["entropy_bound", 1e39],
    ["credit_weight", 1e38],
    ["order", "best"],
    ["threshold", 1.5],
    ["block_length", 0],
  ])("refuses %s = %j and names it, the value and what is allowed", (name, value) => {
    const run = () => parse({ [name]: value });
    expect(run).toThrow(InvalidOptionError);
    expect(run).toThrow(new RegExp(`^${name} can't be .+: (give|choose) .+\\.$`));
  });

  it("lists the valid names when it meets an unknown one", () => {
    expect(() => parse({ max_tokens: 5 })).toThrow(/"max_tokens".*max_new_tokens.*commit_rule, threshold.*steps/);
    expect(() => parse({ toString: 5 })).toThrow(/no option/);
  });
});

it("takes whatever 32-bit floats hold", () => {
  const logit_bias = { 0: 3.4e38, 1: -3.4e38, 2: 1.2e-38, 3: 0, 4: -1e30 };
  expect(parse({ logit_bias, top_p: 1e-30, min_p: 0 })).toMatchObject({ logit_bias, top_p: 1e-30, min_p: 0 });
});

it("refuses numbers that 32-bit floats don't hold in every option of every decoder", () => {
  for (const { options } of decoders) {
    for (const [name, option] of Object.entries(options)) {
      if (option.type !== "number" && option.type !== "map") continue;
      for (const value of [1e39, -1e39, 1e-40]) {
        expect(() => parseOptions(options, { [name]: option.type === "map" ? { 1: value } : value })).toThrow(
          new RegExp(`^${name} can't be`),
        );
      }
    }
  }
});

describe("block-diffusion's options", () => {
  const resolve = (raw: Record<string, unknown>) =>
    blockDiffusion.resolve?.(parse(raw), {
      name: "mock",
      rounding: null,
      causal: false,
      bidirectional: false,
      blockLengths: [4, 8],
      inPlace: true,
      maskToken: 1,
      maxLength: 64,
      vocabSize: 16,
      numLayers: 1,
      anySubset: false,
      head: null,
      policyLengths: [],
      numMasks: 0,
      answers: [],
      eosTokens: [],
    });

  it("use the model's own block length and a threshold of .5 unless told otherwise", () => {
    expect(resolve({})).toMatchObject({ block_length: 4, threshold: 0.5 });
    expect(resolve({ block_length: 8, steps: 32 })).toMatchObject({ block_length: 8, steps: 32, threshold: null });
  });

  it("refuse a block length that the model wasn't trained with, by name", () => {
    expect(() => resolve({ block_length: 5 })).toThrow(/block_length can't be 5.*4, 8/);
  });

  it.each([
    [{ steps: 9, denoising_steps: 2 }],
    [{ steps: 9, threshold: 0.5 }],
    [{ denoising_steps: 2, threshold: 0.5 }],
  ])("refuse %j together", (raw) => expect(() => resolve(raw)).toThrow(/contradict/));
});

describe("findDecoder", () => {
  it("lists the decoders when it meets an unknown one", () => {
    expect(findDecoder("speculative").name).toBe("speculative");
    for (const { name } of decoders) expect(() => findDecoder("beam")).toThrow(new RegExp(`Decoders:.* ${name}[,.]`));
  });
});

describe("encodeTexts", () => {
  it("makes ids of texts for options of ids, in any spelling, and leaves the rest as it is", () => {
    const { options } = findDecoder("speculative");
    const encode = (text: string) => [...text].map((letter) => letter.charCodeAt(0) - 97);
    const raw = { corpus: "abc", drafter: "suffix", stop: "abc", top_p: 0.5 };
    expect(encodeTexts(options, raw, encode)).toEqual({ ...raw, corpus: [0, 1, 2] });
    expect(encodeTexts(options, { corpus: [7, 8] }, encode)).toEqual({ corpus: [7, 8] });
    expect(encodeTexts(options, { nonsense: "abc" }, encode)).toEqual({ nonsense: "abc" });
    expect(parseOptions(options, encodeTexts(options, { corpus: "" }, encode)).corpus).toEqual([]);
    expect(parseOptions(options, { corpus: null }).corpus).toBeNull();
  });
});

it("ids end before the size of the vocabulary", () => {
  for (const id of [0, 12]) expect(() => checkId(id, 13, "token")).not.toThrow();
  for (const id of [-1, 13, 1.5]) expect(() => checkId(id, 13, "token")).toThrow(/outside the vocabulary, 0 to 12/);
});
