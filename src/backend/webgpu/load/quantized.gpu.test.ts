import { describe, expect, it } from "vitest";
import { loadCheckpoint } from "../../../format/checkpoint.js";
import { memoryCheckpoint } from "../../../format/memory-checkpoint.js";
import type { Tensor } from "../../../format/tensor.js";
import { widen } from "../../../format/widen.js";
import { withConfig } from "../../../testing/with-config.js";
import type { ModelSource } from "../../../format/source.js";
import { fileSource } from "../../../format/file-source.js";
import { dequantize, type QuantFormat, quantize } from "../../../format/quantize.js";
import type { Rounding } from "../../../seam/rounding.js";
import { webgpuCapabilities } from "./capabilities.js";
import { loadWeights } from "../../../architecture/tensors.js";
import { loadArchitecture, loadFolderTokenizer, loadTransformer } from "./load.js";
import { variantsFor } from "../ops/variants.js";
import { Transformer } from "../plan/transformer.js";
import { WebGpuModel } from "../session/webgpu-model.js";
import { fileDevice } from "../../../testing/file-device.js";
import { unseenIds } from "../../../testing/perplexity.js";

const FOLDER = "public/models/story-ar";
const source = fileSource(FOLDER);
/** Where numbers are compared, of its six. */
const NUM_LAYERS = 2;
const gpu = await fileDevice();

const IDS = [0, 17, 300, 4095, 2, 801, 1650, 33, 90];

async function logitsOf(model: WebGpuModel): Promise<Float32Array> {
  const session = model.session();
  return session.forward({ tokens: IDS, attend: "causal", rows: "all", keep: IDS.length }).logits();
}

function logSoftmax(logits: Float32Array): number[] {
  const most = logits.reduce((a, b) => Math.max(a, b));
  const total = logits.reduce((sum, value) => sum + Math.exp(value - most), 0);
  return Array.from(logits, (value) => value - most - Math.log(total));
}

/** The model in its own storage, with the numbers in the place of its matrices that `format` stands for. */
async function rounded(source: ModelSource, format: QuantFormat): Promise<WebGpuModel> {
  const architecture = await loadArchitecture(source);
  const weights = loadWeights(architecture, await loadCheckpoint(source, {}));
  const tensor = (name: string): Tensor => {
    const found = weights.get(name) as Tensor;
    if (found.shape.length < 2) return found;
    const own = name.includes("embed_tokens") ? "q8" : format;
    const values = dequantize(quantize(widen(found), own), own);
    return { ...found, dtype: "F32", bytes: new Uint8Array(values.buffer) };
  };
  const capabilities = webgpuCapabilities(architecture);
  const model = new Transformer(gpu, "rounded", architecture, capabilities, tensor, (name) => weights.has(name));
  await model.fillWeights(memoryCheckpoint(new Map([...weights.keys()].map((name) => [name, tensor(name)]))));
  return new WebGpuModel(model);
}

describe.each<[QuantFormat, number]>([
  ["q8", 9 / 8],
  ["q4", 5 / 8],
])("a model in %s", (format, bytesPerWeight) => {
  it("gives the logits of its rounded numbers, and takes the memory of its bits", async () => {
    const source = withConfig(fileSource(FOLDER), { num_hidden_layers: NUM_LAYERS });
    const architecture = await loadArchitecture(source);
    const whole = await loadTransformer(gpu, source, architecture);
    const model = await loadTransformer(gpu, source, architecture, { weights: format });
    const reference = await rounded(source, format);
    const [actual, expected] = [await logitsOf(model), await logitsOf(reference)];
    expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-3);

    const embedding = 4096 * 256;
    const layers = NUM_LAYERS * (512 + 256 + 3 * 704) * 256;
    // The file's f16 as it is kept unrounded, or widened.
    const unrounded = variantsFor(gpu.facts).widensF16 ? 4 : 2;
    const saved = layers * (unrounded - bytesPerWeight) + embedding * (unrounded - 9 / 8);
    expect(whole.transformer.arena.ownByteLength - model.transformer.arena.ownByteLength).toBe(saved);
    for (const each of [whole, model, reference]) each.dispose();
  });
});

describe.each<[Rounding, QuantFormat, number]>([
  ["q8-int8", "q8", 0.005],
  ["q4-int8", "q4", 0.05],
])("a model in %s", (rounding, format, most) => {
  it(`predicts nearly as with its activations whole, on a text, and that nearly as whole: perplexity within ${most}`, async () => {
    const architecture = await loadArchitecture(source);
    const ids = unseenIds(await loadFolderTokenizer(source, architecture), 128);
    const logProbabilities = async (weights?: Rounding) => {
      const model = await loadTransformer(gpu, source, architecture, { weights });
      const request = { tokens: ids, attend: "causal", rows: "all", keep: ids.length } as const;
      const logits = await model.session().forward(request).logits();
      model.dispose();
      return ids.map((_, i) => logSoftmax(logits.subarray(i * 4096, (i + 1) * 4096)));
    };
    const [whole, rounded] = [await logProbabilities(format), await logProbabilities(rounding)];
    const own = await logProbabilities();
    const loss = (rows: number[][]) => ids.slice(1).reduce((sum, id, i) => sum - rows[i][id], 0) / (ids.length - 1);
    const ratio = Math.exp(loss(whole) - loss(own));
    expect(Math.abs(ratio - 1)).toBeLessThan(most);
    expect(ratio, "weights must be rounded").not.toBe(1);
    const divergences = whole.map((row, i) => row.reduce((sum, p, j) => sum + Math.exp(p) * (p - rounded[i][j]), 0));
    const top = (row: number[]) => row.indexOf(Math.max(...row));
    const agreement = whole.filter((row, i) => top(row) === top(rounded[i])).length / ids.length;
    const mean = divergences.reduce((sum, value) => sum + value, 0) / ids.length;
    expect(mean).toBeLessThan(2e-3);
    expect(mean, "activations must be rounded").toBeGreaterThan(1e-7);
    expect(agreement).toBeGreaterThan(0.94);
  });
});

it("products in 16 bits are near whole ones, or refused by name where the adapter has no shader-f16", async () => {
  const architecture = await loadArchitecture(source);
  const load = () => loadTransformer(gpu, source, architecture, { weights: "f16" });
  if (!gpu.facts.hasF16) {
    await expect(load()).rejects.toThrow(/weights f16 .*this adapter can't.*shader-f16/);
    return;
  }
  const [half, whole] = [await load(), await loadTransformer(gpu, source, architecture)];
  const [actual, expected] = [await logitsOf(half), await logitsOf(whole)];
  const worst = Math.max(...actual.map((value, i) => Math.abs(value - expected[i])));
  expect(worst).toBeLessThan(0.1);
  expect(worst, "products must be rounded").toBeGreaterThan(1e-4);
  for (const each of [half, whole]) each.dispose();
});

it("other roundings are refused by name", async () => {
  const architecture = await loadArchitecture(source);
  const weights = "q3" as QuantFormat;
  await expect(loadTransformer(gpu, source, architecture, { weights })).rejects.toThrow(
    /q8 or q4 or q8-int8 or q4-int8.*got q3/,
  );
});
