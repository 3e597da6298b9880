import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/architecture/config.js";
import { productsOf } from "./products.js";
import { bytesOf, roofline, workOf } from "./work.js";

const architecture = parseConfig({
  model_type: "llama",
  vocab_size: 10,
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  head_dim: 4,
  hidden_act: "silu",
  rms_norm_eps: 1e-5,
  max_position_embeddings: 64,
  tie_word_embeddings: true,
});
// By hand: qkv 16 x 8, o 8 x 8, gate and up 24 x 8, down 8 x 12, twice; lm head 10 x 8.
const LAYER = 128 + 64 + 192 + 96;
const HEAD = 80;

describe("the work of a forward", () => {
  it("has the matrices of the architecture", () => {
    const shapes = productsOf(architecture).map(({ name, n, k, count }) => [name, n, k, count]);
    expect(shapes).toEqual([
      ["qkv", 16, 8, 2],
      ["o", 8, 8, 2],
      ["gate-up", 24, 8, 2],
      ["down", 8, 12, 2],
      ["lm head", 10, 8, 1],
    ]);
  });

  it("reads every weight once, however many rows there are", () => {
    for (const rows of [1, 5]) {
      const { weightBytes } = workOf(architecture, rows, { weightBytes: 2, numKept: 3 });
      expect(weightBytes).toBe((2 * LAYER + HEAD) * 2);
    }
  });

  it("counts a multiply-add for each weight and row, and two for each key, head and channel", () => {
    // One row sees itself and three kept ones: 4 keys, 2 heads of 4 channels, scores and values, 2 layers.
    expect(workOf(architecture, 1, { weightBytes: 2, numKept: 3 }).multiplyAdds).toBe(2 * LAYER + HEAD + 2 * 4 * 2 * 8);
    // Two rows see 4 and 5.
    const two = workOf(architecture, 2, { weightBytes: 2, numKept: 3, numLogitRows: 1 });
    expect(two.multiplyAdds).toBe(2 * 2 * LAYER + HEAD + 2 * (4 + 5) * 2 * 8);
  });

  it("is bound by bytes while there are few rows, then by arithmetic", () => {
    const work = workOf(architecture, 4, { weightBytes: 2, numKept: 3 });
    expect(roofline(work, 1e9)).toBe(bytesOf(work));
    expect(roofline(work, 1e-3)).toBe(work.multiplyAdds * 1e3);
  });
});
