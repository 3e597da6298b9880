// An embedding of more bytes than a kernel may see of a buffer is cut in parts of its rows, as the LM head is.
import { expect, it } from "vitest";
import { withLimits } from "../../../testing/with-limits.js";
import type { Rounding } from "../../../seam/rounding.js";
import { tinyModel } from "../../../testing/tiny-model.js";
import { fileDevice } from "../../../testing/file-device.js";

const gpu = await fileDevice();

const VOCAB = 1500;
const CAUSAL = { inPlace: false, maskToken: null, bidirectional: false, blockLengths: [], maxLength: 8 };
/** A kernel sees so much: of f32 less than an eighth of the embedding, of q8 less than the whole. */
const LIMIT = 60_000;

it.each<[tied: boolean, rounding: Rounding | null, numParts: number]>([
  [true, null, 8],
  [false, "q8", 2],
])(
  "has the logits, bit for bit, of the uncut one: tied %s, weights %s, in %i parts",
  async (tied, rounding, numParts) => {
    // First and last rows of parts of 192 and of 896 rows.
    const tokens = [0, 191, 192, 895, 896, VOCAB - 1];
    // An LM head of its own may have a bias, which is cut with it.
    const shape = { ...CAUSAL, vocabSize: VOCAB, hiddenSize: 64, tied, lmHeadBias: !tied };
    const logitsOf = async () => {
      const model = await tinyModel(gpu, 3, shape, undefined, rounding);
      const session = model.session();
      const logits = await session.forward({ tokens, attend: "causal", keep: tokens.length }).logits();
      const parts = [model.transformer.embedding.length, model.transformer.outputMatrix.length];
      session.dispose();
      model.dispose();
      return { logits, parts };
    };
    const whole = await logitsOf();
    const cut = await withLimits(gpu, { maxStorageBufferBindingSize: LIMIT }, logitsOf);
    expect(whole.parts).toEqual([1, 1]);
    expect(cut.parts).toEqual([numParts, numParts]);
    expect(new Set(whole.logits).size).toBeGreaterThan(VOCAB);
    expect(cut.logits).toEqual(whole.logits);
  },
);
