import type { ConfigFields } from "./config-fields.js";
import { defineFamily, type LayerRole, type OuterRole, prefixed, type Stored } from "./family.js";
import { llamaLike, readLayerTypes } from "./hub-config.js";
import { llamaTensor } from "./llama.js";

/** What Phi's checkpoints hold as one matrix, in its order. */
const FUSED: readonly { name: string; roles: readonly LayerRole[] }[] = [
  { name: "self_attn.qkv_proj", roles: ["attention.q", "attention.k", "attention.v"] },
  { name: "mlp.gate_up_proj", roles: ["mlp.gate", "mlp.up"] },
];

function tensor(role: LayerRole | OuterRole, layer: number | null): Stored {
  const fused = FUSED.find(({ roles }) => roles.some((one) => one === role));
  if (!fused) return llamaTensor(role, layer);
  const names = prefixed("model.", `layers.${layer}.${fused.name}`);
  return { names, part: { role: role as LayerRole, among: fused.roles } };
}

/** One window for all layers, or none. */
function windows(config: ConfigFields, numLayers: number): (number | null)[] {
  const isWindowed = config.optionalNumber("sliding_window") !== null;
  readLayerTypes(config, numLayers, [isWindowed ? "sliding_attention" : "full_attention"]);
  return Array<number | null>(numLayers).fill(isWindowed ? config.count("sliding_window") : null);
}

/** Llama whose q, k and v are stored as one, as are gate and up; heads that may be rotated in part. */
export const phi3 = defineFamily({
  types: ["phi3"],
  knownAs: "Phi-3 and Phi-3.5 mini and medium, Phi-4, Phi-4-mini",
  read: (config) => ({
    ...llamaLike(config, {
      maxLength: 4096,
      windows,
      eps: 1e-5,
      rope: { isPartial: true, trainedLength: 4096, aliases: { su: "longrope", yarn: "longrope" } },
    }),
    qkvBias: false,
    outputBias: false,
    mlpBias: false,
  }),
  tensor,
});
