import type { Gpu } from "../backend/webgpu/gpu/device.js";
import { roundedBytes, type WeightFormat, type WeightMatrix } from "../backend/webgpu/ops/linear.js";
import { packPanels } from "../backend/webgpu/ops/panels.js";
import { type BlockShape, dequantize, PLAIN_BLOCKS, quantize } from "../format/quantize.js";
import type { Panel } from "../backend/webgpu/ops/variants.js";
import { numbers, padRows } from "./test-bed.js";

/** Rounds to what 16 bits hold (toward zero is enough: the rounded value is the weight), as storage and as numbers. */
function store(weights: Float32Array<ArrayBuffer>, k: number, format: WeightFormat) {
  const padded = padRows(weights, k);
  if (format === "f32") return { data: padded, values: weights };
  const stored = new Uint16Array(padded.length);
  const bits = new Uint32Array(padded.buffer);
  const widened = new Float32Array(padded.length);
  for (let i = 0; i < padded.length; i++) {
    if (format === "bf16") {
      stored[i] = bits[i] >>> 16;
      widened[i] = new Float32Array(Uint32Array.of(stored[i] << 16).buffer)[0];
    } else {
      const value = padded[i];
      const exponent = Math.max(-14, Math.floor(Math.log2(Math.abs(value) || 2 ** -14)));
      const steps = Math.trunc(Math.abs(value) / 2 ** (exponent - 10));
      stored[i] = (value < 0 ? 0x8000 : 0) | (steps < 1024 ? steps : ((exponent + 15) << 10) | (steps - 1024));
      widened[i] = Math.sign(value) * steps * 2 ** (exponent - 10);
    }
  }
  const stride = padded.length / (weights.length / k);
  const values = weights.map((_, i) => widened[Math.floor(i / k) * stride + (i % k)]);
  return { data: stored, values };
}

/** A matrix in panels on the device, and the numbers that its storage stands for. */
export function uploadWeights(
  { arena }: Gpu,
  panel: Panel,
  weights: Float32Array<ArrayBuffer>,
  shape: { n: number; k: number },
  format: WeightFormat,
  isGated: boolean,
  blocks: BlockShape = PLAIN_BLOCKS,
): { matrix: WeightMatrix; values: ArrayLike<number> } {
  if (format === "q8" || format === "q4") {
    const plain = quantize(weights, format);
    const quantized =
      blocks === PLAIN_BLOCKS ? plain : { codes: plain.codes, scales: otherScales(plain.scales, blocks) };
    const codes = { n: shape.n, k: quantized.codes.length / shape.n };
    const numBlocks = { n: shape.n, k: quantized.scales.length / shape.n };
    const buffer = arena.upload("codes", packPanels(quantized.codes, codes, panel, isGated));
    const width = blocks.hasMins ? 2 : 1;
    const scales = arena.upload("scales", packPanels(quantized.scales, numBlocks, panel, isGated, width));
    return { matrix: { buffer, format, blocks, scales, ...shape }, values: dequantize(quantized, format, blocks) };
  }
  const { data, values } = store(weights, shape.k, format);
  const padded = { n: shape.n, k: data.length / shape.n };
  return { matrix: { buffer: arena.upload("w", packPanels(data, padded, panel, isGated)), format, ...shape }, values };
}

/** Scales and least weights of blocks of another shape, of the magnitude of these of 32 weights. */
function otherScales(scales: Float32Array, { size, hasMins }: BlockShape): Float32Array<ArrayBuffer> {
  const numBlocks = scales.length * (32 / size);
  const width = hasMins ? 2 : 1;
  return Float32Array.from({ length: numBlocks * width }, (_, i) => {
    const block = Math.floor(i / width);
    const scale = scales[Math.floor((block * size) / 32)];
    return i % width === 1 ? scale * ((block % 11) - 7) : scale * (1 + (block % 3));
  });
}

/** Room for `length` numbers rounded to 8 bits. */
export const roundedRows = ({ arena }: Gpu, length: number): GPUBuffer =>
  arena.storage("rounded", roundedBytes(length * 4));

/** Numbers whose blocks of 32 are of different magnitude, one of a row all zeros: each block has its own scale. */
export const graded = (seed: number, rows: number, k: number): Float32Array<ArrayBuffer> =>
  numbers(seed, rows * k).map((value, i) => {
    const row = Math.floor(i / k);
    return value * [1, 6, 0.2, 2.5, 0.05, 0][(Math.floor((i % k) / 32) + row + seed) % (k > 32 ? 6 : 5)];
  });
