import { readingPart } from "../../backend/webgpu/session/reading-part.js";
import { MASK_TOKENS } from "./key.js";
import { memoryCheckpoint } from "../../format/memory-checkpoint.js";
import type { Tensor } from "../../format/tensor.js";
import type { CheckpointReading } from "../../format/checkpoint.js";
import type { ModelSource } from "../../format/source.js";
import { widen } from "../../format/widen.js";
import { ModelLoadError } from "../../vocabulary/errors.js";
import { Adapter } from "../../backend/webgpu/plan/adapter.js";
import { type AdaptedRole, MASK_EMBEDDINGS, readAdapter } from "./adapter-file.js";
import { halfColumns } from "../../format/half-columns.js";
import { MaskSampler } from "../../backend/webgpu/plan/mask-sampler.js";
import { PRODUCTS, type ProductName } from "../../backend/webgpu/plan/layer.js";
import { FC_HALVES, Transformer } from "../../backend/webgpu/plan/transformer.js";
import { WebGpuModel } from "../../backend/webgpu/session/webgpu-model.js";
import { withinMemory } from "../../backend/webgpu/plan/within-memory.js";

/** Modules of a layer whose rows are stacked to one product. */
const MODULES: Readonly<Record<ProductName, readonly AdaptedRole[]>> = {
  qkv: ["attention.q", "attention.k", "attention.v"],
  output: ["attention.output"],
  gateUp: ["mlp.gate", "mlp.up"],
  down: ["mlp.down"],
};

/**
 * Loads what makes a model predict several tokens at once ("Your LLM Knows the Future", arXiv 2507.11851) and joins it to
 * `model`: a LoRA in PEFT's format for mask rows, and in its weights' file `mask_embeddings.weight` `[masks, hidden]` and the
 * sampler head: `sampler.in` `[hidden, 2 hidden]` on [state; token], `sampler.in_norm`, `sampler.out`, `sampler.out_norm`
 * (biases of the two products may be left out). The authors published no weights: these names are ours. Throws
 * `ModelLoadError` for an adapter of another model, and for what can't be honoured.
 */
export async function loadAdapter(
  model: WebGpuModel,
  source: ModelSource,
  options: CheckpointReading = {},
): Promise<void> {
  const { architecture, gpu, capabilities, variants } = model.transformer;
  const file = await readAdapter(architecture, source, options);
  const lowRank = (layer: number, product: ProductName) => file.lowRank(layer, MODULES[product]);
  checkBindings(model.transformer, lowRank);
  const weights = new Map(file.weights);
  const inWeight = weights.get("sampler.in.weight") as Tensor;
  // The state comes first, then the token.
  for (const [i, name] of [...FC_HALVES].reverse().entries()) weights.set(name, halfColumns(inWeight, i, name));
  const inBias = weights.get("sampler.in.bias");
  if (inBias) weights.set("fc.bias", inBias);
  const tensor = (name: string) => weights.get(name) as Tensor;
  const has = (name: string) => weights.has(name);
  const bare = { ...architecture, layers: [] };
  const { sampler, tail } = await withinMemory(gpu, `the adapter of ${model.name}`, () => {
    model.adapter = new Adapter(model.transformer, file.numMasks, lowRank);
    const part = { of: model.transformer, kind: "mask sampler" } as const;
    const made = new Transformer(
      gpu,
      `the adapter of ${model.name}`,
      bare,
      capabilities,
      tensor,
      has,
      null,
      variants,
      part,
    );
    return { sampler: made, tail: new MaskSampler(made, tensor, has), dispose: () => made.dispose() };
  });
  sampler.tail = tail;
  const states = new WebGpuModel(sampler);
  model.add(readingPart(MASK_TOKENS, states), states);
  const own = memoryCheckpoint(weights);
  await sampler.fillWeights(own, options);
  await tail.fillWeights(own, options);
  model.adapter?.fill(widen(tensor(MASK_EMBEDDINGS)));
  capabilities.numMasks = file.numMasks;
}

/** A kernel may bind eight buffers, which a product with everything and an adapter would exceed. */
function checkBindings({ products }: Transformer, lowRank: (layer: number, product: ProductName) => unknown) {
  products.forEach((layer, i) => {
    for (const product of PRODUCTS) {
      const { bias, w, feeds } = layer[product];
      if (!bias || !w.scales || !feeds || !lowRank(i, product)) continue;
      throw new ModelLoadError(
        `The adapter changes the ${product} product, which has a bias in this model: with rounded weights that is more than a kernel may bind. Load it without weights.`,
        "unsupported_config",
      );
    }
  });
}
