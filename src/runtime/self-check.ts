import type { Architecture } from "../architecture/architecture.js";
import { parseConfig } from "../architecture/config.js";
import { tensorNames } from "../architecture/tensors.js";
import type { Tensor } from "../format/tensor.js";
import type { Model } from "../seam/model.js";

/** Two layers with groups of query heads, rotation and a gated feed-forward block. */
const CONFIG = {
  model_type: "llama",
  vocab_size: 16,
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 8,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  max_position_embeddings: 32,
  tie_word_embeddings: false,
};

/** Read together, and behind them one by itself: two forms of every product, and keys of two tiles. */
export const CHECK_TOKENS = { together: [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8], behind: 4 };
/** Of these the logits are compared. */
export const CHECK_ROWS = [7, 18];

/** Their logits and those of the token behind, in float64 (`self-check.test.ts` works them out anew). */
export const KNOWN: readonly number[] = [
  0.07216, 2.9434, -1.39189, -1.19118, 0.44463, 0.28555, -2.2863, 0.83241, -0.07536, -2.20937, 1.08629, -1.15262,
  1.21806, -0.38957, -2.72849, -1.25549, 1.70428, -0.36251, -1.5274, 1.70113, 1.62711, 1.51449, -1.26239, -0.45249,
  0.89306, -3.11833, -1.75191, 2.62162, 2.33735, 1.22022, -2.63514, 0.19698, 0.7987, -1.41289, 0.05549, 0.41606,
  2.36227, 0.887, -0.28416, -0.04197, 0.36033, -3.04142, -0.78949, 0.89031, 1.75853, 0.95503, -2.25735, -0.03189,
];

/** A logit may be off by so much: sums of 32-bit numbers are by 1e-5, of 16-bit ones by 3e-3, and what a driver gets wrong by more than 0.1. */
export const MOST_ERROR = 1e-2;

/** What the check runs: the same model everywhere, of weights that a formula gives. */
export function checkedModel(): { architecture: Architecture; tensors: Map<string, Tensor> } {
  const architecture = parseConfig(CONFIG, {});
  const tensors = new Map<string, Tensor>();
  let state = 1;
  for (const { name, shape } of tensorNames(architecture)) {
    const values = Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      // The upper half of the bits: exact in 32 bits, and of mean 0.
      const value = (state >>> 16) / 65536 - 0.5;
      return shape.length === 1 ? 1 + value / 2 : value;
    });
    tensors.set(name, { name, dtype: "F32", shape, bytes: new Uint8Array(values.buffer) });
  }
  return { architecture, tensors };
}

/** How far a device's logits are from the known ones at most: of `checkedModel` on it. Infinite where one is no number. */
export async function largestError(model: Model): Promise<number> {
  const session = model.session();
  try {
    const { together, behind } = CHECK_TOKENS;
    const keep = together.length;
    const first = session.forward({ tokens: together, attend: "causal", rows: CHECK_ROWS, keep }).logits();
    const second = session.forward({ tokens: [behind], attend: "causal", rows: "last", keep: 1 }).logits();
    const logits = [...(await first), ...(await second)];
    const errors = KNOWN.map((known, i) => Math.abs(known - logits[i]));
    return errors.reduce((most, error) => (error <= most ? most : error >= most ? error : Number.POSITIVE_INFINITY), 0);
  } finally {
    session.dispose();
  }
}
