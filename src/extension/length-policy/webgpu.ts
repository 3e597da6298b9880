import { Linear, type WeightMatrix } from "../../backend/webgpu/ops/linear.js";
import type { HiddenStates } from "../../backend/webgpu/session/hidden-states.js";
import { explained, NotFinite } from "../../backend/webgpu/session/not-finite.js";
import { definePart, type Part } from "../../backend/webgpu/session/part.js";
import { invariant } from "../../vocabulary/errors.js";
import { LENGTH_POLICY, type LengthPolicy } from "./key.js";
import type { Sequence } from "../../backend/webgpu/session/sequence.js";

/** A policy's weights on the device: `[lengths, hidden]` and `[lengths]`. */
export interface PolicyWeights {
  w: WeightMatrix;
  bias: GPUBuffer;
}

/** Scores block lengths by the hidden states of a session's last forward: one product. */
class GpuLengthPolicy implements LengthPolicy {
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

/** The part of a policy with these weights. */
export function lengthPolicy(weights: PolicyWeights): Part {
  const { extension, what } = LENGTH_POLICY;
  return definePart(extension, (session) => {
    invariant(session.isWhole, `this model was loaded without ${what}`);
    const policy = new GpuLengthPolicy(session.sequence, session.states(), weights);
    return { one: () => policy };
  });
}
