import { invariant } from "../errors.js";
import { ceil4, makeOp, type Op } from "../ops/op.js";
import { selectStep } from "../ops/select-step.js";
import type { GpuPending } from "./pending.js";
import type { Verdict } from "./session.js";
import type { VerdictLayout } from "./verdict.js";
import type { WebGpuSession } from "./webgpu-session.js";

/** Moves an accepted path behind the kept rows and lengthens the session, all on the device. */
export class Promotion {
  private readonly caches: Op[];
  private readonly slots: Op;
  private readonly numColumns: number;

  constructor(private readonly session: WebGpuSession) {
    const { gpu, architecture: a, capabilities } = session.model;
    const width4 = a.numKeyValueHeads * ceil4(a.headDim);
    // Layers start at multiples of 256 bytes.
    const layerStride4 = Math.ceil((capabilities.maxLength * width4 * 16) / 256) * 16;
    const dims = session.arena.uniform("promotion dims", [width4, layerStride4, session.numLayers]);
    this.numColumns = width4 * session.numLayers;
    const shared = [dims, gpu.results.buffer, gpu.queue.inputs.buffer, session.lengths];
    this.caches = [session.keys, session.values].map((cache) =>
      makeOp(gpu, "keep_path", { PART: "cache" }, [...shared, cache]),
    );
    this.slots = makeOp(gpu, "keep_path", { PART: "slots" }, [...shared, session.slots]);
  }

  /** Records the move; returns the number of drafts that may have been accepted. */
  record(verdict: GpuPending<Verdict>): number {
    verdict.checkAlive();
    const { context } = verdict.layout as VerdictLayout;
    invariant(context.keepMatches, "row 0 of a verification must be the last kept row of its forward");
    const isLast = context.session === this.session && context.revision === this.session.revision;
    invariant(isLast, "only the verdict of the session's last forward can be kept, once");
    const { numRows, rowsList } = context;
    const step = selectStep(this.session.model.gpu.queue, {
      numRows,
      rowsList,
      result: verdict.offset,
      session: this.session.index,
    });
    for (const op of this.caches) op.record(step, this.numColumns);
    this.slots.record(step, 1);
    return numRows - 1;
  }
}
