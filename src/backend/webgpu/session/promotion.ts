import { invariant } from "../../../vocabulary/errors.js";
import { ceil4, makeOp, type Op } from "../ops/op.js";
import { selectStep } from "../ops/select-step.js";
import type { GpuPending } from "./pending.js";
import type { Verdict } from "../../../seam/questions/verify.js";
import type { VerdictLayout } from "./verdict.js";
import type { Sequence } from "./sequence.js";

/** Moves an accepted path behind the kept rows and lengthens the session, all on the device. */
export class Promotion {
  private readonly caches: { op: Op; numColumns: number }[] = [];
  private readonly slots: Op;

  constructor(private readonly sequence: Sequence) {
    const { gpu, architecture: a } = sequence.model;
    const width4 = a.numKeyValueHeads * ceil4(a.headDim);
    const { layerBytes } = this.sequence;
    // As many layers at a time as a device lets a kernel see.
    const most = Math.max(1, Math.floor(gpu.device.limits.maxStorageBufferBindingSize / layerBytes));
    const sharedOf = (numLayers: number) => [
      sequence.arena.uniform("promotion dims", [width4, layerBytes / 16, numLayers]),
      gpu.results.buffer,
      gpu.queue.inputs.buffer,
      sequence.lengths,
    ];
    for (let layer = 0; layer < sequence.numLayers; layer += most) {
      const numLayers = Math.min(most, sequence.numLayers - layer);
      const shared = sharedOf(numLayers);
      for (const buffer of [sequence.keys, sequence.values]) {
        const slice = { buffer, offset: layer * layerBytes, size: numLayers * layerBytes };
        const op = makeOp(gpu, "keep_path", { PART: "cache" }, [...shared, slice]);
        this.caches.push({ op, numColumns: width4 * numLayers });
      }
    }
    this.slots = makeOp(gpu, "keep_path", { PART: "slots" }, [...sharedOf(sequence.numLayers), sequence.slots]);
  }

  /** Records the move; returns the number of drafts that may have been accepted. */
  record(verdict: GpuPending<Verdict>): number {
    verdict.checkAlive();
    const { context } = verdict.layout as VerdictLayout;
    invariant(context.keepMatches, "row 0 of a verification must be the last kept row of its forward");
    const isLast = context.sequence === this.sequence && context.revision === this.sequence.revision;
    invariant(isLast, "only the verdict of the session's last forward can be kept, once");
    const { numRows, rowsList } = context;
    const step = selectStep(this.sequence.model.gpu.queue, {
      numRows,
      rowsList,
      result: verdict.offset,
      session: this.sequence.index,
    });
    for (const { op, numColumns } of this.caches) op.record(step, numColumns);
    this.slots.record(step, 1);
    return numRows - 1;
  }
}
