import { expect, it } from "vitest";
import { parseExportedConfig } from "./exported-config.js";

const LLAMA = {
  model_type: "llama",
  vocab_size: 100,
  max_position_embeddings: 64,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  hidden_size: 32,
  eos_token_id: [2, 200],
};

it("reads configs of any family, by the names that each has for a thing", () => {
  expect(parseExportedConfig(LLAMA, { eos_token_id: 5 })).toMatchObject({
    modelType: "llama",
    vocabSize: 100,
    maxLength: 64,
    numLayers: 3,
    numKeyValueHeads: 2,
    headDim: 8,
    // 200 is no token of it.
    eosTokens: [2, 5],
    causal: true,
    bidirectional: false,
  });
  const gpt = { model_type: "codegen", vocab_size: 9, n_positions: 32, n_layer: 2, n_head: 4, n_embd: 20 };
  expect(parseExportedConfig(gpt, {})).toMatchObject({
    maxLength: 32,
    numLayers: 2,
    numKeyValueHeads: null,
    headDim: 5,
  });
  expect(parseExportedConfig({ model_type: "seeing", text_config: LLAMA }, {})).toMatchObject({
    vocabSize: 100,
    numLayers: 3,
  });
  expect(parseExportedConfig({ ...LLAMA, num_kv_shared_layers: 1, head_dim: 16 }, {})).toMatchObject({
    numLayers: 2,
    headDim: 16,
  });
  expect(parseExportedConfig({ ...LLAMA, num_key_value_heads: [1, 2, 2] }, {}).numKeyValueHeads).toBeNull();
});

it.each([
  [{ ...LLAMA, model_type: "a2d-qwen3" }, /model_type "a2d-qwen3" isn't supported; supported: as an ONNX graph/],
  [{ ...LLAMA, model_type: "t5", is_encoder_decoder: true }, /model_type "t5" isn't supported/],
  [{ ...LLAMA, vocab_size: null }, /vocab_size is null/],
  [[], /config\.json isn't a JSON object/],
])("refuses %o", (json, message) => {
  expect(() => parseExportedConfig(json, {})).toThrow(message);
});

it("refuses a block length, which a graph that reads left to right has none of", () => {
  expect(() => parseExportedConfig(LLAMA, {}, 32)).toThrow(/blockLength is for models that fill masks/);
});
