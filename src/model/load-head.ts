import { loadCheckpoint } from "../checkpoint/checkpoint.js";
import type { Tensor } from "../checkpoint/safetensors.js";
import type { ModelSource, Progress } from "../checkpoint/source.js";
import { ModelLoadError } from "../errors.js";
import { type Architecture, layerTensors, loadWeights, type TensorSpec } from "./architecture.js";
import { parseConfig } from "./config.js";
import { FC_HALVES, TransformerModel } from "./transformer.js";
import { withinMemory } from "./within-memory.js";

/**
 * Loads an EAGLE head (arXiv 2401.15077, as its authors publish them: `fc`, then decoder layers `layers.i` of which the first
 * has no norm before its attention) and joins it to `trunk`, whose embedding and LM head it uses. What else is in the file, as
 * a copy of the embedding, is left out. Throws `ModelLoadError` for a head of another model.
 */
export async function loadHead(
  trunk: TransformerModel,
  source: ModelSource,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (progress: Progress) => void } = {},
): Promise<void> {
  const architecture = parseConfig(await source.json("config.json", signal));
  checkFit(architecture, trunk.architecture);
  const tensors = await loadCheckpoint(source, { signal, onProgress });
  const weights = loadWeights(architecture, tensors, headTensors(architecture, tensors.has("fc.bias")));
  for (const [i, name] of FC_HALVES.entries())
    weights.set(name, halfColumns(weights.get("fc.weight") as Tensor, i, name));
  const tensor = (name: string): Tensor => weights.get(name) as Tensor;
  const { gpu, capabilities, variants } = trunk;
  const has = (name: string) => weights.has(name);
  const head = await withinMemory(
    gpu,
    () => new TransformerModel(gpu, "head", architecture, capabilities, tensor, has, null, variants, trunk),
  );
  try {
    await head.fillWeights(tensor, signal);
  } catch (reason) {
    head.dispose();
    throw reason;
  }
  trunk.head = head;
  capabilities.hasHead = true;
}

function checkFit(head: Architecture, trunk: Architecture): void {
  for (const [name, field] of [
    ["hiddenSize", "hidden_size"],
    ["vocabSize", "vocab_size"],
  ] as const) {
    if (head[name] === trunk[name]) continue;
    throw new ModelLoadError(
      `The head's config.json says ${field} ${head[name]}, the model's ${trunk[name]}: a head belongs to the model it was trained on.`,
      "wrong_head",
    );
  }
}

function headTensors(architecture: Architecture, hasBias: boolean): TensorSpec[] {
  const { hiddenSize, numLayers } = architecture;
  const specs: TensorSpec[] = [{ name: "fc.weight", shape: [hiddenSize, 2 * hiddenSize] }];
  if (hasBias) specs.push({ name: "fc.bias", shape: [hiddenSize] });
  for (let layer = 0; layer < numLayers; layer++) {
    specs.push(...layerTensors(architecture, `layers.${layer}`, layer > 0));
  }
  return specs;
}

/** The first or second half of a matrix's columns. */
export function halfColumns({ shape, bytes, dtype }: Tensor, which: number, name: string): Tensor {
  const [numRows, numColumns] = shape;
  const rowBytes = bytes.length / numRows;
  const width = rowBytes / 2;
  const out = new Uint8Array(numRows * width);
  for (let row = 0; row < numRows; row++) {
    const start = row * rowBytes + which * width;
    out.set(bytes.subarray(start, start + width), row * width);
  }
  return { name, dtype, shape: [numRows, numColumns / 2], bytes: out };
}
