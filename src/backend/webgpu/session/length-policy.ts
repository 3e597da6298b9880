import { invariant } from "../../../vocabulary/errors.js";
import { Linear, type WeightMatrix } from "../ops/linear.js";
import type { HiddenStates } from "./hidden-states.js";
import { explained, NotFinite } from "./not-finite.js";
import type { LengthPolicy } from "../../../seam/session.js";
import type { Sequence } from "./sequence.js";

/** A policy's weights on the device: `[lengths, hidden]` and `[lengths]`. */
export interface PolicyWeights {
  w: WeightMatrix;
  bias: GPUBuffer;
}

/** Scores block lengths by the hidden states of a session's last forward: one product. */
export class GpuLengthPolicy implements LengthPolicy {
  private readonly product: Linear;
  private readonly scores: GPUBuffer;

  constructor(
    private readonly sequence: Sequence,
    private readonly hidden: HiddenStates,
    private readonly weights: PolicyWeights,
  ) {
    const { model, arena } = sequence;
    const { w, bias } = weights;
    this.scores = arena.storage("length scores", w.n * 4);
    const rows = { x: hidden.buffer, isGathered: true };
    this.product = new Linear(model.gpu, arena, model.variants.matmul, {
      ...rows,
      w,
      bias,
      y: this.scores,
      yStride: w.n,
    });
  }

  async score(row: number): Promise<Float32Array> {
    const { sequence, hidden, weights, product, scores } = this;
    invariant(
      row >= 0 && row < hidden.numRows,
      `the last forward left ${hidden.numRows} states, so none of row ${row}`,
    );
    const { queue } = sequence.model.gpu;
    const list = queue.inputs.reserve(1);
    queue.inputs.setWord(list, row);
    const before = queue.dispatchCount;
    product.record(queue.step([1, 0, 0, 0, 0, 0, 0, 0, list]), 1);
    sequence.counts.dispatches += queue.dispatchCount - before;
    const byteLength = weights.w.n * 4;
    sequence.counts.readbackBytes += byteLength;
    const values = new Float32Array(await queue.read(scores, 0, byteLength));
    return values.every(Number.isFinite) ? values : explained(new NotFinite(sequence));
  }
}
