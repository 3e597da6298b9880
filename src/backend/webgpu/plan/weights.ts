import type { Tensor, TensorPlan } from "../../../format/tensor.js";
import { widen } from "../../../format/widen.js";
import type { Arena } from "../gpu/arena.js";
import { ceil4 } from "../ops/op.js";
import type { WeightFormat } from "../ops/linear.js";

const FORMAT: Partial<Record<Tensor["dtype"], WeightFormat>> = { BF16: "bf16", F16: "f16" };

/** How numbers of a type lie on the device, unless they are rounded. */
export function formatOf(dtype: Tensor["dtype"], widensF16: boolean): WeightFormat {
  return dtype === "F16" && widensF16 ? "f32" : (FORMAT[dtype] ?? "f32");
}

/** Memory on the device whose values are still to come. */
export interface Empty {
  /** The tensors that it takes, in order. */
  readonly plans: readonly TensorPlan[];
  /** The one tensor that it takes may come in parts that begin at multiples of so many rows; left out: whole. */
  readonly unitRows?: number;
  /** Lays out all of its tensors, or rows of its one tensor from `firstRow` on, and sends them. */
  put(tensors: readonly Tensor[], firstRow?: number): void;
}

/** A buffer of vectors or rows whose values are still to come. */
export interface EmptyVector extends Empty {
  buffer: GPUBuffer;
}

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
    plans,
    put(tensors) {
      const out = new Float32Array(length);
      let at = 0;
      for (const tensor of tensors) {
        const values = widen(tensor);
        out.set(offset === 0 ? values : values.map((value) => value + offset), at);
        at += values.length;
      }
      arena.write(buffer, out);
    },
  };
}

/** The first `numRows` rows of a table `[rows, C]` as f32 on the device, each padded to a multiple of four by zeros; values are to come. */
export function emptyRows(arena: Arena, label: string, plan: TensorPlan, numRows: number): EmptyVector {
  const [, width] = plan.shape;
  const stride = ceil4(width) * 4;
  const buffer = arena.storage(label, numRows * stride * 4);
  return {
    buffer,
    plans: [plan],
    put([tensor]) {
      const values = widen(tensor);
      const out = new Float32Array(numRows * stride);
      for (let row = 0; row < numRows; row++) out.set(values.subarray(row * width, (row + 1) * width), row * stride);
      arena.write(buffer, out);
    },
  };
}
