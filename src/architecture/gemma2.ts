import { defineFamily } from "./family.js";
import { gemmaLike, gemmaTensor } from "./gemma-config.js";
import { readRope } from "./rope.js";

/** Scores and logits that are softly bounded; a window in every other layer. */
export const gemma2 = defineFamily({
  types: ["gemma2"],
  knownAs: "Gemma 2",
  read: (config) =>
    gemmaLike(config, {
      maxLength: 8192,
      pattern: 2,
      ropes(headDim) {
        const rope = readRope(config, headDim);
        return { full: rope, windowed: rope };
      },
      hasQkNorm: false,
      softCaps: { scores: 50, logits: 30 },
    }),
  tensor: gemmaTensor,
});
