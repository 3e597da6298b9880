import type { PlainNorm } from "./architecture.js";
import { defineFamily } from "./family.js";
import { attentionBiases, fullWindows, llamaLike } from "./hub-config.js";
import { llamaTensorBy } from "./llama.js";

/** Llama whose blocks are normed behind and not before, and whose q and k are each normed as a whole. */
export const olmo2 = defineFamily({
  types: ["olmo2"],
  knownAs: "OLMo 2",
  read(config) {
    const like = llamaLike(config, { maxLength: 2048, windows: fullWindows, eps: 1e-5 });
    const { norm } = like;
    const { eps, gainOffset } = norm;
    const after: PlainNorm = { way: "plain", kind: "rms", eps, gainOffset, hasBias: false };
    return {
      ...like,
      layers: like.layers.map(({ attention, mlp, isParallel }) => ({
        attention: { ...attention, norm: null, after },
        mlp: { ...mlp, norm: null, after },
        isParallel,
      })),
      qkNorm: { eps, gainOffset, isWhole: true },
      ...attentionBiases(config),
      mlpBias: false,
    };
  },
  tensor: llamaTensorBy({
    "attention.after": "post_attention_layernorm",
    "mlp.after": "post_feedforward_layernorm",
  }),
});
