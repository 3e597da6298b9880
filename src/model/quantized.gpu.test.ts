import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadCheckpoint } from "../checkpoint/checkpoint.js";
import type { Tensor } from "../checkpoint/safetensors.js";
import { widen } from "../checkpoint/widen.js";
import { fileSource } from "../cli/file-source.js";
import { type Gpu, openDevice } from "../gpu/device.js";
import { dequantize, type QuantFormat, quantize } from "../ops/quantize.js";
import { capabilitiesOf, loadWeights } from "./architecture.js";
import { loadArchitecture, loadTransformer } from "./load.js";
import { TransformerModel } from "./transformer.js";

const source = fileSource("public/models/story-ar");
let gpu: Gpu;
beforeAll(async () => {
  gpu = await openDevice();
});
afterAll(() => {
  expect(gpu.uncaptured).toEqual([]);
  gpu.dispose();
});

const IDS = [0, 17, 300, 4095, 2, 801, 1650, 33, 90];

async function logitsOf(model: TransformerModel): Promise<Float32Array> {
  const session = model.session();
  return session.forward({ tokens: IDS, attend: "causal", rows: "all", keep: IDS.length }).logits();
}

/** The model in its own storage, with the numbers in the place of its matrices that `format` stands for. */
async function rounded(format: QuantFormat): Promise<TransformerModel> {
  const architecture = await loadArchitecture(source);
  const weights = loadWeights(architecture, await loadCheckpoint(source, {}));
  const tensor = (name: string): Tensor => {
    const found = weights.get(name) as Tensor;
    if (found.shape.length < 2) return found;
    const own = name.includes("embed_tokens") ? "q8" : format;
    const values = dequantize(quantize(widen(found), own), own);
    return { ...found, dtype: "F32", bytes: new Uint8Array(values.buffer) };
  };
  const capabilities = capabilitiesOf(architecture);
  const model = new TransformerModel(gpu, "rounded", architecture, capabilities, tensor, (name) => weights.has(name));
  await model.fillWeights();
  return model;
}

describe.each<[QuantFormat, number]>([
  ["q8", 9 / 8],
  ["q4", 5 / 8],
])("a model in %s", (format, bytesPerWeight) => {
  it("gives the logits of its rounded numbers, and takes the memory of its bits", async () => {
    const architecture = await loadArchitecture(source);
    const whole = await loadTransformer(gpu, source, architecture);
    const model = await loadTransformer(gpu, source, architecture, { weights: format });
    const reference = await rounded(format);
    const [actual, expected] = [await logitsOf(model), await logitsOf(reference)];
    expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-3);

    const embedding = 4096 * 256;
    const layers = 6 * (512 + 256 + 3 * 704) * 256;
    const saved = layers * (4 - bytesPerWeight) + embedding * (4 - 9 / 8);
    expect(whole.arena.ownByteLength - model.arena.ownByteLength).toBe(saved);
    for (const each of [whole, model, reference]) each.dispose();
  });
});

it("other roundings are refused by name", async () => {
  const architecture = await loadArchitecture(source);
  const weights = "q3" as QuantFormat;
  await expect(loadTransformer(gpu, source, architecture, { weights })).rejects.toThrow(/q8 or q4.*got q3/);
});
