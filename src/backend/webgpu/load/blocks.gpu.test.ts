// Weights in blocks, as a GGUF file has them: kernels multiply by the numbers that ggml's definition gives them, and hold them in few bits.
import { expect, it } from "vitest";
import { BLOCK_FORMATS } from "../../../format/block-codes.js";
import { setBlockFormats } from "../../../format/block-formats.js";
import { loadCheckpoint } from "../../../format/checkpoint.js";
import { fileSource } from "../../../format/file-source.js";
import type { ModelSource } from "../../../format/source.js";
import { rowsOf, type Tensor } from "../../../format/tensor.js";
import { widen } from "../../../format/widen.js";
import type { Rounding } from "../../../seam/rounding.js";
import { fileDevice } from "../../../testing/file-device.js";
import { perplexity, unseenIds } from "../../../testing/perplexity.js";
import { inBlocks, type MadeBlocks } from "../../../testing/quantize-blocks.js";
import { withConfig } from "../../../testing/with-config.js";
import { loadArchitecture, loadFolderTokenizer, loadTransformer } from "./load.js";

const gpu = await fileDevice();
setBlockFormats(BLOCK_FORMATS);
const FOLDER = "public/models/story-ar";

/** The folder with tensors that `change` changes. */
async function changed(numLayers: number, change: (tensor: Tensor) => Tensor): Promise<ModelSource> {
  const source = withConfig(fileSource(FOLDER), { num_hidden_layers: numLayers });
  const tensors = new Map([...(await loadCheckpoint(source))].map(([name, tensor]) => [name, change(tensor)]));
  return {
    ...source,
    json: source.json.bind(source),
    bytes: source.bytes.bind(source),
    file: source.file.bind(source),
    has: source.has.bind(source),
    checkpoint: async () => ({
      tensors,
      read: async (name, rows) => {
        const tensor = tensors.get(name) as Tensor;
        return rows ? rowsOf(tensor, rows) : tensor;
      },
      close: async () => undefined,
    }),
  };
}

/** As llama.cpp mixes them in "Q4_K_M": ends and some values in more bits, rows that aren't whole superblocks in blocks of 32. */
function mixed({ name, shape }: Tensor): MadeBlocks | null {
  if (shape.length < 2) return null;
  if (name.includes("embed_tokens")) return "Q6_K";
  if (shape[1] % 256 !== 0) return name.includes("layers.0") ? "Q5_0" : "Q8_0";
  return name.includes("layers.1.self_attn.v_proj") ? "Q6_K" : "Q4_K";
}
const blocksOf = (tensor: Tensor) => {
  const dtype = mixed(tensor);
  return dtype ? inBlocks(tensor, dtype) : tensor;
};
const widened = (tensor: Tensor): Tensor => {
  const blocks = blocksOf(tensor);
  return blocks === tensor ? tensor : { ...tensor, dtype: "F32", bytes: new Uint8Array(widen(blocks).buffer) };
};

const load = async (source: ModelSource, weights?: Rounding) =>
  loadTransformer(gpu, source, await loadArchitecture(source), { weights });
const IDS = [0, 17, 300, 4095, 2, 801, 1650, 33, 90];

/** The likeliest id of each row. */
function likeliest(logits: Float32Array): number[] {
  const width = logits.length / IDS.length;
  return IDS.map((_, row) => {
    const own = logits.subarray(row * width, (row + 1) * width);
    return own.indexOf(Math.max(...own));
  });
}

it("gives the logits and likeliest ids of the numbers that the blocks stand for, and takes the memory of their codes and scales", async () => {
  const [model, reference] = [await load(await changed(2, blocksOf)), await load(await changed(2, widened))];
  const logits = async (subject: typeof model) =>
    subject.session().forward({ tokens: IDS, attend: "causal", rows: "all", keep: IDS.length }).logits();
  const [actual, expected] = [await logits(model), await logits(reference)];
  expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-3);
  expect(likeliest(actual)).toEqual(likeliest(expected));
  const q4WithMins = 4 / 8 + 8 / 32;
  const sizes = [
    // Embedding, and of the first layer all but down.
    [4096 * 256, 1 + 4 / 16],
    [(512 + 256 + 2 * 704) * 256, q4WithMins],
    // Q, k and v of the second share a matrix, of which v has six bits and scales for 16.
    [512 * 256, 1 + 8 / 16],
    [(256 + 2 * 704) * 256, q4WithMins],
    [2 * 704 * 256, 1 + 4 / 32],
  ];
  const held = sizes.reduce((sum, [weights, bytes]) => sum + weights * bytes, 0);
  const whole = 4 * sizes.reduce((sum, [weights]) => sum + weights, 0);
  expect(reference.transformer.arena.ownByteLength - model.transformer.arena.ownByteLength).toBe(whole - held);
  for (const each of [model, reference]) each.dispose();
});

it("perplexity of weights in Q4_K is within 5 % of the file's", async () => {
  const whole = fileSource(FOLDER);
  const ids = unseenIds(await loadFolderTokenizer(whole, await loadArchitecture(whole)), 128);
  const found: number[] = [];
  for (const source of [whole, await changed(6, blocksOf)]) {
    const model = await load(source);
    found.push(await perplexity(model.session(), ids));
    model.dispose();
  }
  if (process.env.TRIPTYCH_SHOW) console.log(found, found[1] / found[0] - 1);
  expect(Math.abs(found[1] / found[0] - 1)).toBeLessThan(0.05);
  expect(found[1], "weights must be rounded").not.toBe(found[0]);
});

it("products of rounded rows by blocks with a least weight are refused by name", async () => {
  const source = await changed(1, blocksOf);
  await expect(load(source, "q4-int8")).rejects.toThrow(/weights q4-int8 can't be of a file that stores .* as Q[46]_K/);
});
