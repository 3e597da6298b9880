import type { Arena } from "../gpu/arena.js";
import type { WeightMatrix } from "../ops/linear.js";
import type { QuantFormat } from "../../../format/quantize.js";
import type { Variants } from "../ops/variants.js";
import type { TensorPlan } from "../../../format/tensor.js";
import { emptyMatrix, emptyParts, emptyRows, emptyVector, type TensorSource } from "./weights.js";

/** Return to the event loop when laying out weights has taken this long. */
const FILL_MS = 8;

/** Takes the memory of a model's weights as the model is laid out, and fills it when their values are there. */
export class WeightFills {
  private fills: ((tensor: TensorSource) => void)[] = [];
  private readonly storage: { panel: Variants["matmul"]["panel"]; widensF16: boolean };

  /** `plan(name)` says how a tensor of the folder is stored. `format` rounds the matrices. */
  constructor(
    private readonly arena: Arena,
    private readonly plan: (name: string) => TensorPlan,
    { matmul, widensF16 }: Variants,
    private readonly format: QuantFormat | null,
  ) {
    this.storage = { panel: matmul.panel, widensF16 };
  }

  /** Matrices stacked to one. */
  matrix(label: string, names: readonly string[], isGated = false): WeightMatrix {
    const how = { ...this.storage, isGated, quantFormat: this.format };
    const { matrix, fill } = emptyMatrix(this.arena, label, names.map(this.plan), how);
    this.fills.push(fill);
    return matrix;
  }

  /** The matrix of one of a model's two ends, for which four bits are too few, in parts of its rows. */
  end(label: string, name: string): readonly WeightMatrix[] {
    const quantFormat = this.format && "q8";
    const { parts, fill } = emptyParts(this.arena, label, this.plan(name), { ...this.storage, quantFormat });
    this.fills.push(fill);
    return parts;
  }

  /** Vectors joined end to end, `offset` added to each of their numbers. */
  vector(label: string, names: readonly string[], offset = 0): GPUBuffer {
    const { buffer, fill } = emptyVector(this.arena, label, names.map(this.plan), offset);
    this.fills.push(fill);
    return buffer;
  }

  /** The first `numRows` rows of a table. */
  rows(label: string, name: string, numRows: number): GPUBuffer {
    const { buffer, fill } = emptyRows(this.arena, label, this.plan(name), numRows);
    this.fills.push(fill);
    return buffer;
  }

  /** Sends the weights to the device, returning to the event loop between them. Throws the signal's reason. */
  async fill(tensor: TensorSource, signal?: AbortSignal): Promise<void> {
    let pausedAtMs = performance.now();
    for (const fill of this.fills) {
      if (performance.now() - pausedAtMs >= FILL_MS) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        signal?.throwIfAborted();
        pausedAtMs = performance.now();
      }
      fill(tensor);
    }
    this.fills = [];
  }
}
