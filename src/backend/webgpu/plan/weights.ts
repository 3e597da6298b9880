import type { Tensor, TensorPlan } from "../../../format/tensor.js";
import { widen } from "../../../format/widen.js";
import type { Arena } from "../gpu/arena.js";
import { ceil4 } from "../ops/op.js";
import type { WeightFormat, WeightMatrix } from "../ops/linear.js";
import { packPanels, panelsLength } from "../ops/panels.js";
import { BLOCK, type QuantFormat, quantize } from "../../../format/quantize.js";
import type { Panel } from "../ops/variants.js";

const FORMAT: Record<Tensor["dtype"], WeightFormat> = { F32: "f32", BF16: "bf16", F16: "f16" };

/** How numbers of a type lie on the device, unless they are rounded. */
export function formatOf(dtype: Tensor["dtype"], widensF16: boolean): WeightFormat {
  return dtype === "F16" && widensF16 ? "f32" : FORMAT[dtype];
}

/** Gives the values of a planned tensor. */
export type TensorSource = (name: string) => Tensor;

/**
 * A vector on the device whose values are still to come: norm weights or biases as f32, several joined end to end. `offset` is
 * added to each; it can be a storage buffer or a uniform.
 */
export function emptyVector(arena: Arena, label: string, plans: readonly TensorPlan[], offset = 0): EmptyVector {
  const length = ceil4(plans.reduce((sum, { shape }) => sum + shape[0], 0)) * 4;
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
  const buffer = arena.buffer(label, length * 4, usage);
  return {
    buffer,
    fill(tensor) {
      const out = new Float32Array(length);
      let at = 0;
      for (const { name, shape } of plans) {
        const values = widen(tensor(name));
        out.set(offset === 0 ? values : values.map((value) => value + offset), at);
        at += shape[0];
      }
      arena.write(buffer, out);
    },
  };
}

/** The first `numRows` rows of a table `[rows, C]` as f32 on the device, each padded to a multiple of four by zeros; values are to come. */
export function emptyRows(arena: Arena, label: string, { name, shape }: TensorPlan, numRows: number): EmptyVector {
  const [, width] = shape;
  const stride = ceil4(width) * 4;
  const buffer = arena.storage(label, numRows * stride * 4);
  return {
    buffer,
    fill(tensor) {
      const values = widen(tensor(name));
      const out = new Float32Array(numRows * stride);
      for (let row = 0; row < numRows; row++) out.set(values.subarray(row * width, (row + 1) * width), row * stride);
      arena.write(buffer, out);
    },
  };
}

/** See `emptyVector`. */
export interface EmptyVector {
  buffer: GPUBuffer;
  fill(tensor: TensorSource): void;
}

/** How a matrix is stored. */
export interface MatrixStorage {
  panel: Panel;
  widensF16: boolean;
  /** Rounds to fewer bits, where rows are whole blocks. */
  quantFormat?: QuantFormat | null;
  /** The tensors are gate and up of a feed-forward block, for the gated epilogue. */
  isGated?: boolean;
}

/** A matrix on the device whose values are still to come. */
export interface EmptyMatrix {
  matrix: WeightMatrix;
  /** Lays the values out and sends them: the slow part, for a moment when the event loop can wait. */
  fill(tensor: TensorSource): void;
}

/**
 * Matrices `[N_i, K]` stacked to one `[ΣN_i, K]`, in panels. Keeps 16-bit storage unless it is widened (`formatOf`) or the
 * matrices differ in it, or rounds to `quantFormat`. The memory is taken at once, the values follow by `fill`.
 */
export function emptyMatrix(
  arena: Arena,
  label: string,
  plans: readonly TensorPlan[],
  { panel, widensF16, isGated = false, quantFormat = null }: MatrixStorage,
): EmptyMatrix {
  const k = plans[0].shape[1];
  const n = plans.reduce((sum, { shape }) => sum + shape[0], 0);
  if (quantFormat && k % BLOCK === 0)
    return quantizedMatrix(arena, label, plans, { n, k }, quantFormat, panel, isGated);
  const formats = new Set(plans.map(({ dtype }) => formatOf(dtype, widensF16)));
  const format = formats.size === 1 ? [...formats][0] : "f32";
  const keeps16 = format !== "f32";
  const bytesPerValue = keeps16 ? 2 : 4;
  const buffer = arena.storage(label, panelsLength({ n, k }, panel) * bytesPerValue);
  return {
    matrix: { buffer, format, n, k },
    fill(tensor) {
      const stacked = keeps16 ? new Uint16Array(n * k) : new Float32Array(n * k);
      let at = 0;
      for (const { name, shape } of plans) {
        const found = tensor(name);
        const { buffer: bytes, byteOffset, byteLength } = found.bytes;
        stacked.set(keeps16 ? new Uint16Array(bytes, byteOffset, byteLength / 2) : widen(found), at);
        at += shape[0] * k;
      }
      arena.write(buffer, packPanels(stacked, { n, k }, panel, isGated));
    },
  };
}

/** A matrix `[N, K]` of the device in parts of its rows, in order: more than one where a kernel may not see all of it at once. */
export interface EmptyParts {
  parts: WeightMatrix[];
  fill(tensor: TensorSource): void;
}

/** Parts begin at multiples of so many rows, since bindings of what they write begin at multiples of 256 bytes. */
const PART_ROWS = 64;

/** A matrix as of `emptyMatrix`, cut where the device's limits ask for it. */
export function emptyParts(arena: Arena, label: string, plan: TensorPlan, storage: MatrixStorage): EmptyParts {
  const [n, k] = plan.shape;
  const { maxBufferSize, maxStorageBufferBindingSize } = arena.device.limits;
  const { COLUMNS, LANES } = storage.panel;
  // Whole panels, whose sizes are powers of two.
  const unit = Math.max(PART_ROWS, COLUMNS * LANES);
  const bytesPerRow = bytesOf(plan, storage, { n: unit, k }) / unit;
  const units = Math.floor(Math.min(maxBufferSize, maxStorageBufferBindingSize) / (bytesPerRow * unit));
  const most = units === 0 || bytesOf(plan, storage, { n, k }) <= units * unit * bytesPerRow ? n : units * unit;
  const made = Array.from({ length: Math.ceil(n / most) }, (_, i) => {
    const first = i * most;
    const shape = [Math.min(most, n - first), k];
    const { matrix, fill } = emptyMatrix(arena, label, [{ ...plan, shape }], storage);
    return { matrix, fill: (tensor: TensorSource) => fill((name) => rowsOf(tensor(name), first, shape)) };
  });
  return {
    parts: made.map(({ matrix }) => matrix),
    fill(tensor) {
      for (const { fill } of made) fill(tensor);
    },
  };
}

/** Rows of a matrix, from `first` on. */
function rowsOf(tensor: Tensor, first: number, shape: number[]): Tensor {
  const bytesPerRow = tensor.bytes.byteLength / tensor.shape[0];
  return { ...tensor, shape, bytes: tensor.bytes.subarray(first * bytesPerRow, (first + shape[0]) * bytesPerRow) };
}

/** Bytes that `emptyMatrix` takes in its largest buffer. */
function bytesOf(
  { dtype }: TensorPlan,
  { panel, widensF16, quantFormat }: MatrixStorage,
  { n, k }: { n: number; k: number },
): number {
  if (quantFormat && k % BLOCK === 0) return panelsLength({ n, k: quantFormat === "q8" ? k : k / 2 }, panel);
  return panelsLength({ n, k }, panel) * (formatOf(dtype, widensF16) === "f32" ? 4 : 2);
}

function quantizedMatrix(
  arena: Arena,
  label: string,
  plans: readonly TensorPlan[],
  { n, k }: { n: number; k: number },
  format: QuantFormat,
  panel: Panel,
  isGated: boolean,
): EmptyMatrix {
  const bytesPerRow = format === "q8" ? k : k / 2;
  const codeShape = { n, k: bytesPerRow };
  const scaleShape = { n, k: k / BLOCK };
  const buffer = arena.storage(label, panelsLength(codeShape, panel));
  const scales = arena.storage(`${label} scales`, panelsLength(scaleShape, panel, 1) * 4);
  return {
    matrix: { buffer, format, scales, n, k },
    fill(tensor) {
      const stacked = new Float32Array(n * k);
      let at = 0;
      for (const { name, shape } of plans) {
        stacked.set(widen(tensor(name)), at);
        at += shape[0] * k;
      }
      const quantized = quantize(stacked, format);
      arena.write(buffer, packPanels(quantized.codes, codeShape, panel, isGated));
      arena.write(scales, packPanels(quantized.scales, scaleShape, panel, isGated, 1));
    },
  };
}
