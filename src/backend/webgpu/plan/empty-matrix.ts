import { blockFormats, type BlockStorage } from "../../../format/block-formats.js";
import { BLOCK, PLAIN_BLOCKS, type Quantized, type QuantFormat, quantize } from "../../../format/quantize.js";
import { type BlockDtype, rowsOf, type Tensor, type TensorPlan } from "../../../format/tensor.js";
import { widen } from "../../../format/widen.js";
import type { Arena } from "../gpu/arena.js";
import type { WeightMatrix } from "../ops/linear.js";
import { packPanels, panelsLength } from "../ops/panels.js";
import type { Panel } from "../ops/variants.js";
import { type Empty, formatOf } from "./weights.js";

/** What is laid out at a time: of larger tensors some panels after others, so that no second copy of one is ever held. */
const LAID_OUT_BYTES = 1 << 22;

/** How a matrix is stored. */
export interface MatrixStorage {
  panel: Panel;
  widensF16: boolean;
  /** Rounds to fewer bits, where rows are whole blocks. What is stored in blocks of as few bits stays as it is. */
  quantFormat?: QuantFormat | null;
  /** Four bits are too few. */
  isWide?: boolean;
  /** The tensors are gate and up of a feed-forward block, for the gated epilogue. */
  isGated?: boolean;
}

/** A matrix on the device whose values are still to come. */
export interface EmptyMatrix extends Empty {
  matrix: WeightMatrix;
}

/** Sends the rows of some panels, the first of which is `firstPanel`. */
type PutPanels = (rows: readonly Tensor[], numRows: number, firstPanel: number) => void;

/**
 * Matrices `[N_i, K]` stacked to one `[ΣN_i, K]`, in panels. Keeps 16-bit storage unless it is widened (`formatOf`) or the
 * matrices differ in it, and blocks as they are, or rounds to `quantFormat`. The memory is taken at once, the values follow by `put`.
 */
export function emptyMatrix(
  arena: Arena,
  label: string,
  plans: readonly TensorPlan[],
  storage: MatrixStorage,
): EmptyMatrix {
  const { panel, isGated = false } = storage;
  const [, k] = plans[0].shape;
  const coding = codingOf(plans, storage);
  const { matrix, putPanels } = coding
    ? codedMatrix(arena, label, plans, storage, coding)
    : plainMatrix(arena, label, plans, storage);
  const numParts = isGated ? 2 : 1;
  // Rows of a panel: of each part so many.
  const span = (panel.COLUMNS * panel.LANES) / numParts;
  const step = Math.max(1, Math.floor(LAID_OUT_BYTES / (4 * k * span * numParts))) * span;
  return {
    matrix,
    plans,
    unitRows: plans.length === 1 ? span : undefined,
    put(tensors, firstRow = 0) {
      const perPart = tensors.reduce((sum, { shape }) => sum + shape[0], 0) / numParts;
      for (let at = 0; at < perPart; at += step) {
        const end = Math.min(at + step, perPart);
        const rows: Tensor[] = [];
        for (let part = 0; part < numParts; part++) {
          rows.push(...stackedRows(tensors, part * perPart + at, part * perPart + end));
        }
        putPanels(rows, numParts * (end - at), (firstRow + at) / span);
      }
    },
  };
}

/** Rows of matrices that are stacked, from `begin` up to `end`. */
function stackedRows(tensors: readonly Tensor[], begin: number, end: number): Tensor[] {
  let first = 0;
  return tensors.flatMap((tensor) => {
    const [numRows] = tensor.shape;
    const rows = { begin: Math.max(begin - first, 0), end: Math.min(end - first, numRows) };
    first += numRows;
    return rows.begin < rows.end ? rowsOf(tensor, rows) : [];
  });
}

function sizeOf(plans: readonly TensorPlan[]): { n: number; k: number } {
  return { n: plans.reduce((sum, { shape }) => sum + shape[0], 0), k: plans[0].shape[1] };
}

function plainMatrix(
  arena: Arena,
  label: string,
  plans: readonly TensorPlan[],
  { panel, widensF16, isGated }: MatrixStorage,
): { matrix: WeightMatrix; putPanels: PutPanels } {
  const { n, k } = sizeOf(plans);
  const formats = new Set(plans.map(({ dtype }) => formatOf(dtype, widensF16)));
  const format = formats.size === 1 ? [...formats][0] : "f32";
  const keeps16 = format !== "f32";
  const bytesPerValue = keeps16 ? 2 : 4;
  const buffer = arena.storage(label, panelsLength({ n, k }, panel) * bytesPerValue);
  return {
    matrix: { buffer, format, n, k },
    putPanels(rows, numRows, firstPanel) {
      const stacked = keeps16 ? new Uint16Array(numRows * k) : new Float32Array(numRows * k);
      let at = 0;
      for (const tensor of rows) {
        const { buffer: bytes, byteOffset, byteLength } = tensor.bytes;
        stacked.set(keeps16 ? new Uint16Array(bytes, byteOffset, byteLength / 2) : widen(tensor), at);
        at += tensor.shape[0] * k;
      }
      const begin = firstPanel * panelsLength({ n: 1, k }, panel) * bytesPerValue;
      arena.write(buffer, packPanels(stacked, { n: numRows, k }, panel, isGated), begin);
    },
  };
}

/** How rows are held in codes. */
interface Coding extends BlockStorage {
  codes(rows: Tensor): Quantized;
}

const BITS = { q8: 8, q4: 4 } as const;

/** How these are held in codes; null: in numbers. */
function codingOf(
  plans: readonly Pick<TensorPlan, "dtype" | "shape">[],
  { quantFormat, isWide }: Pick<MatrixStorage, "quantFormat" | "isWide">,
): Coding | null {
  const asked = quantFormat && isWide ? "q8" : quantFormat;
  const formats = blockFormats();
  const own = formats?.storage(
    plans.map(({ dtype }) => dtype),
    isWide,
  );
  if (formats && own && (!asked || BITS[own.format] <= BITS[asked]))
    return { ...own, codes: ({ dtype, bytes }) => formats.codes(dtype as BlockDtype, bytes, own) };
  const [, k] = plans[0].shape;
  if (!asked || k % BLOCK !== 0) return null;
  return { ...PLAIN_BLOCKS, format: asked, codes: (rows) => quantize(widen(rows), asked) };
}

function codedMatrix(
  arena: Arena,
  label: string,
  plans: readonly TensorPlan[],
  { panel, isGated }: MatrixStorage,
  { format, size, hasMins, codes }: Coding,
): { matrix: WeightMatrix; putPanels: PutPanels } {
  const { n, k } = sizeOf(plans);
  const group = hasMins ? 2 : 1;
  const codeShape = (numRows: number) => ({ n: numRows, k: (k * BITS[format]) / 8 });
  const scaleShape = (numRows: number) => ({ n: numRows, k: (k / size) * group });
  const buffer = arena.storage(label, panelsLength(codeShape(n), panel));
  const scales = arena.storage(`${label} scales`, panelsLength(scaleShape(n), panel, group) * 4);
  return {
    matrix: { buffer, format, blocks: { size, hasMins }, scales, n, k },
    putPanels(rows, numRows, firstPanel) {
      const stacked = new Uint8Array(numRows * codeShape(1).k);
      const factors = new Float32Array(numRows * scaleShape(1).k);
      let first = 0;
      for (const tensor of rows) {
        const made = codes(tensor);
        stacked.set(made.codes, first * codeShape(1).k);
        factors.set(made.scales, first * scaleShape(1).k);
        first += tensor.shape[0];
      }
      const packed = packPanels(stacked, codeShape(numRows), panel, isGated);
      arena.write(buffer, packed, firstPanel * panelsLength(codeShape(1), panel));
      const besides = packPanels(factors, scaleShape(numRows), panel, isGated, group);
      arena.write(scales, besides, firstPanel * panelsLength(scaleShape(1), panel, group) * 4);
    },
  };
}

/** A matrix `[N, K]` of the device in parts of its rows, in order: more than one where a kernel may not see all of it at once. */
export interface EmptyParts extends Empty {
  parts: WeightMatrix[];
}

/** Parts begin at multiples of so many rows, since bindings of what they write begin at multiples of 256 bytes. */
const PART_ROWS = 64;

/** A matrix whose values are still to come, cut so that each part is a buffer that kernels may bind whole. */
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
    const end = Math.min(first + most, n);
    return { first, end, ...emptyMatrix(arena, label, [{ ...plan, shape: [end - first, k] }], storage) };
  });
  return {
    parts: made.map(({ matrix }) => matrix),
    plans: [plan],
    unitRows: unit,
    put([tensor], firstRow = 0) {
      const lastRow = firstRow + tensor.shape[0];
      for (const { first, end, put } of made) {
        const [from, to] = [Math.max(first, firstRow), Math.min(end, lastRow)];
        if (from < to) put([rowsOf(tensor, { begin: from - firstRow, end: to - firstRow })], from - first);
      }
    },
  };
}

/** Bytes that `emptyMatrix` takes in its largest buffer. */
function bytesOf({ dtype }: TensorPlan, storage: MatrixStorage, { n, k }: { n: number; k: number }): number {
  const { panel, widensF16 } = storage;
  const coding = codingOf([{ dtype, shape: [n, k] }], storage);
  if (!coding) return panelsLength({ n, k }, panel) * (formatOf(dtype, widensF16) === "f32" ? 4 : 2);
  const scaleBytes = (k / coding.size) * (coding.hasMins ? 8 : 4);
  return Math.max(
    panelsLength({ n, k: (k * BITS[coding.format]) / 8 }, panel),
    panelsLength({ n, k: scaleBytes }, panel, 4),
  );
}
