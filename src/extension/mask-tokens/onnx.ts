import type { Architecture } from "../../architecture/architecture.js";
import { llamaTensor } from "../../architecture/llama.js";
import { activate, type Ends, LOW_RANK, MASK_TABLE } from "../../backend/onnx/layers-graph.js";
import type { Tensor } from "../../format/tensor.js";
import { ADAPTED_ROLES, type AdapterFile, MASK_EMBEDDINGS } from "./adapter-file.js";

/** PyTorch's LayerNorm. */
const NORM = { way: "plain", kind: "layer", eps: 1e-5, gainOffset: 0, hasBias: true } as const;

/** The sampler head of arXiv 2507.11851: a product of [state; token] and one more, each with SiLU and LayerNorm behind it. */
export const SAMPLER_ENDS: Ends = {
  first({ graph, weights }, embedded, states) {
    let x = graph.op("Concat", [states, embedded], { axis: 1 });
    for (const step of ["sampler.in", "sampler.out"]) {
      x = weights.norm(activate(graph, weights.product(x, step), "silu"), NORM, `${step}_norm`);
    }
    return x;
  },
  last: (_, x) => x,
};

/** What an adapter adds to a model's tensors, so that its graph reads mask rows. */
export function maskTensors({ layers }: Architecture, { weights, lowRank }: AdapterFile): Map<string, Tensor> {
  const added = new Map([[`${MASK_TABLE}.weight`, weights.get(MASK_EMBEDDINGS) as Tensor]]);
  for (const layer of layers.keys()) {
    for (const role of ADAPTED_ROLES) {
      const factors = lowRank(layer, [role]);
      const [module] = llamaTensor(role, layer).names;
      if (!factors) continue;
      added.set(`${module}.${LOW_RANK.a}.weight`, factors.a);
      added.set(`${module}.${LOW_RANK.b}.weight`, factors.b);
    }
  }
  return added;
}
