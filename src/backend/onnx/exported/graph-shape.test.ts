import type { InferenceSession } from "onnxruntime-web";
import { expect, it } from "vitest";
import { parseExportedConfig } from "../../../architecture/exported-config.js";
import { ModelLoadError } from "../../../vocabulary/errors.js";
import { shapeOf } from "./graph-shape.js";

type Value = [type: string, shape: (number | string)[]];

const CONFIG = parseExportedConfig(
  {
    model_type: "granite",
    vocab_size: 9,
    num_hidden_layers: 1,
    num_key_value_heads: 2,
    num_attention_heads: 4,
    hidden_size: 12,
  },
  {},
);
const PAST: Value = ["float32", ["batch_size", 2, "past_sequence_length", 3]];
const INPUTS: Record<string, Value> = {
  input_ids: ["int64", ["batch_size", "sequence_length"]],
  attention_mask: ["int64", ["batch_size", "total"]],
  position_ids: ["int64", ["batch_size", "sequence_length"]],
  "past_key_values.0.key": PAST,
  "past_key_values.0.value": PAST,
};
const OUTPUTS: Record<string, Value> = {
  logits: ["float32", ["batch_size", "sequence_length", 9]],
  "present.0.key": PAST,
  "present.0.value": PAST,
};

const metadata = (values: Record<string, Value | null>) =>
  Object.entries(values).flatMap(([name, value]) =>
    value === null ? [] : [{ name, isTensor: true, type: value[0], shape: value[1] } as InferenceSession.ValueMetadata],
  );

const read = (
  { inputs = {}, outputs = {} }: { inputs?: Record<string, Value | null>; outputs?: Record<string, Value | null> },
  config = CONFIG,
) => {
  const session = {
    inputMetadata: metadata({ ...INPUTS, ...inputs }),
    outputMetadata: metadata({ ...OUTPUTS, ...outputs }),
  };
  return shapeOf(session, config, "onnx/model.onnx in m/");
};

it("reads what a graph takes and gives off its inputs and outputs", () => {
  const value = { numHeads: 2, headDim: 3, type: "float32" };
  expect(read({})).toEqual({
    ids: "int64",
    mask: "int64",
    positions: "int64",
    hasBranch: false,
    numLogits: null,
    isSingle: false,
    isLastOnly: false,
    past: ["key", "value"].map((part) => ({
      ...value,
      input: `past_key_values.0.${part}`,
      output: `present.0.${part}`,
    })),
    numLayers: 1,
  });
  expect(read({ inputs: { attention_mask: null, position_ids: null } })).toMatchObject({ mask: null, positions: null });
  expect(read({ inputs: { input_ids: ["int32", [1, "N"]], use_cache_branch: ["bool", [1]] } })).toMatchObject({
    ids: "int32",
    hasBranch: true,
  });
  expect(read({ inputs: { num_logits_to_keep: ["int64", []] } }).numLogits).toEqual({
    name: "num_logits_to_keep",
    rank: 0,
  });
  expect(read({ inputs: { logits_to_keep: ["int64", [1]] } }).numLogits).toEqual({ name: "logits_to_keep", rank: 1 });
  expect(read({ inputs: { input_ids: ["int64", [1, 1]] } }).isSingle).toBe(true);
  for (const shape of [
    ["batch_size", 1, 9],
    ["batch_size", 9],
  ])
    expect(read({ outputs: { logits: ["float32", shape] } }).isLastOnly).toBe(true);
});

it("takes sizes that a graph leaves open from the config", () => {
  const open: Value = ["float16", ["batch_size", "heads", "past", "size"]];
  const [key] = read({ inputs: { "past_key_values.0.key": open, "past_key_values.0.value": open } }).past;
  expect(key).toMatchObject({ numHeads: 2, headDim: 3, type: "float16" });
});

it.each<[string, Parameters<typeof read>[0], RegExp]>([
  [
    "an input of another modality",
    { inputs: { inputs_embeds: ["float32", ["b", "n", 12]] } },
    /has an input inputs_embeds, which/,
  ],
  [
    "a state that can't be cut",
    { inputs: { "past_conv.0": ["float32", ["b", 12, 3]] } },
    /has an input past_conv\.0, which/,
  ],
  ["no tokens", { inputs: { input_ids: null } }, /has no input input_ids/],
  ["tokens as numbers", { inputs: { input_ids: ["float32", ["b", "n"]] } }, /input input_ids of type float32/],
  [
    "positions of three kinds",
    { inputs: { position_ids: ["int64", [3, "b", "n"]] } },
    /input position_ids of type int64 and shape \[3, b, n\]/,
  ],
  ["a fixed width", { inputs: { input_ids: ["int64", [1, 128]] } }, /reads exactly 128 tokens at once/],
  [
    "no past",
    { inputs: { "past_key_values.0.key": null, "past_key_values.0.value": null } },
    /has no inputs past_key_values\.N\.key: export it with past/,
  ],
  ["keys without values", { inputs: { "past_key_values.0.value": null } }, /has no input past_key_values\.0\.value/],
  [
    "a past of three dimensions",
    { inputs: { "past_key_values.0.key": ["float32", ["b", "past", 6]] } },
    /past_key_values\.0\.key of shape \[b, past, 6\]; expected/,
  ],
  [
    "a past of fixed length",
    { inputs: { "past_key_values.0.key": ["float32", [1, 2, 512, 3]] } },
    /of shape \[1, 2, 512, 3\]; expected/,
  ],
  [
    "a batch of two",
    { inputs: { "past_key_values.0.key": ["float32", [2, 2, "past", 3]] } },
    /of shape \[2, 2, past, 3\]; expected/,
  ],
  ["a past without a shape", { inputs: { "past_key_values.0.key": ["float32", []] } }, /of shape \[\]; expected/],
  [
    "a past in 8 bits",
    { inputs: { "past_key_values.0.key": ["int8", PAST[1]] } },
    /past_key_values\.0\.key of type int8; expected float32 or float16/,
  ],
  [
    "other heads",
    { inputs: { "past_key_values.0.key": ["float32", ["b", 4, "past", 3]] } },
    /has 4 heads in past_key_values\.0\.key, but config\.json has 2/,
  ],
  ["no present", { outputs: { "present.0.key": null } }, /has no output present\.0\.key/],
  ["no logits", { outputs: { logits: null } }, /has no output logits/],
  [
    "another vocabulary",
    { outputs: { logits: ["float32", ["b", "n", 10]] } },
    /gives 10 logits, but config\.json has a vocab_size of 9/,
  ],
])("refuses %s by name", (_title, change, message) => {
  expect(() => read(change)).toThrow(ModelLoadError);
  expect(() => read(change)).toThrow(message);
});

it("refuses a config of other layers, and one that says nothing of sizes that the graph leaves open", () => {
  expect(() => read({}, { ...CONFIG, numLayers: 3 })).toThrow(/of 1 layers, but config\.json has 3/);
  const open: Value = ["float32", ["batch_size", "heads", "past", "size"]];
  const silent = { ...CONFIG, numKeyValueHeads: null };
  expect(() => read({ inputs: { "past_key_values.0.key": open } }, silent)).toThrow(
    /of shape \[batch_size, heads, past, size\]/,
  );
});
