import type { Gpu } from "../gpu/device.js";
import type { Architecture } from "../../../architecture/architecture.js";
import { emptyMatrix } from "../plan/empty-matrix.js";
import { Linear, roundedBytes } from "../ops/linear.js";
import { dequantize, quantize } from "../../../format/quantize.js";
import { type Rounding, roundingOf } from "../../../seam/rounding.js";
import { matmul } from "../ops/reference.js";
import { type MatmulFamilyName, variantsFor } from "../ops/variants.js";
import { randomWeights } from "./random-weights.js";
import { widen } from "../../../format/widen.js";

/** Output columns that are looked at: some panels of any family, the last one half full. */
const NUM_COLUMNS = 200;
/** The tiles for few rows, for several, and for many. */
const ROW_COUNTS = [1, 8, 37];
/** Error by the magnitudes that were added: of sums in f32, and of rows rounded to 8 bits. */
// Of 16 bits: two factors, their product and three sums are rounded to 11 each.
const TOLERANCE = { sums: 2e-5, rounded: 1.5e-2, half: 3e-3 };

/**
 * Whether a family's products agree with float64 on this device, in the formats that the architecture would be stored in.
 * A driver that miscompiles one kernel should cost speed, never text.
 */
export async function isAccurate(...product: Parameters<typeof worstError>): Promise<boolean> {
  return (await worstError(...product)) <= 1;
}

/** The largest error of such products against float64, in what rounding allows: at most 1 is right, NaN where a sum isn't a number. */
export async function worstError(
  gpu: Gpu,
  family: MatmulFamilyName,
  architecture: Architecture,
  rounding: Rounding | null,
): Promise<number> {
  const { hiddenSize: k } = architecture;
  const n = NUM_COLUMNS;
  const { matmul: kernels, widensF16 } = variantsFor(gpu.facts, family);
  const { format, roundsRows, isHalf } = roundingOf(rounding);
  const tensor = await randomWeights({ ...architecture, vocabSize: n }).read("model.embed_tokens.weight");
  const weights = widen(tensor);
  const arena = gpu.arena.child();
  try {
    const storage = { panel: kernels.panel, widensF16, quantFormat: format };
    const { matrix, put } = emptyMatrix(arena, "checked weights", [tensor], storage);
    put([tensor]);
    const stride = Math.ceil(k / 4) * 4;
    const most = Math.max(...ROW_COUNTS);
    const values = Float32Array.from({ length: most * stride }, (_, i) => (i % stride < k ? signed(i) : 0));
    const y = arena.storage("checked sums", most * n * 4);
    const rounded = roundsRows ? arena.storage("checked rounded rows", roundedBytes(values.byteLength)) : undefined;
    const x = arena.upload("checked rows", values);
    const linear = new Linear(gpu, arena, kernels, { x, w: matrix, y, yStride: n, rounded, isHalf });
    const isRounded = matrix.scales !== undefined && format !== null;
    const stored = isRounded ? dequantize(quantize(weights, format), format) : weights;
    const rows = Array.from({ length: most * k }, (_, i) => values[Math.floor(i / k) * stride + (i % k)]);
    const expected = matmul(rows, stored, { m: most, n, k });
    const tolerance = TOLERANCE[isHalf ? "half" : roundsRows ? "rounded" : "sums"];
    let worst = 0;
    for (const numRows of ROW_COUNTS) {
      linear.record(gpu.queue.step([numRows]), numRows);
      const sums = new Float32Array(await gpu.queue.read(y, 0, numRows * n * 4));
      const error = (sum: number, i: number) =>
        Math.abs(sum - expected.values[i]) / (tolerance * expected.magnitudes[i]);
      // Of a NaN and a number the larger is NaN.
      worst = sums.reduce((most, sum, i) => Math.max(most, error(sum, i)), worst);
    }
    return worst;
  } finally {
    gpu.queue.flush();
    arena.dispose();
  }
}

/** A number from -1 to 1 without a pattern. */
function signed(index: number): number {
  return ((Math.imul(index + 1, 2654435761) >>> 8) / 2 ** 24) * 2 - 1;
}
