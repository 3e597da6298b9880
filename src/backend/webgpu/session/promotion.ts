import { invariant } from "../../../vocabulary/errors.js";
import { ceil4, makeOp, type Op } from "../ops/op.js";
import { selectStep } from "../ops/select-step.js";
import type { GpuPending } from "./pending.js";
import type { Verdict } from "../../../seam/questions/verify.js";
import type { VerdictLayout } from "./verdict.js";
import type { Sequence } from "./sequence.js";

/** Moves a path of scratch rows behind the kept rows and lengthens the session, all on the device. */
export class Promotion {
  private readonly accepted: PathMove;
  /** Of decoders that choose rows on the host. */
  private listed: PathMove | null = null;

  constructor(private readonly sequence: Sequence) {
    this.accepted = new PathMove(sequence, "verdict");
  }

  /** Records the move of what a verdict accepted; returns the number of drafts that may have been accepted. */
  record(verdict: GpuPending<Verdict>): number {
    verdict.checkAlive();
    const { context } = verdict.layout as VerdictLayout;
    invariant(context.keepMatches, "row 0 of a verification must be the last kept row of its forward");
    const isLast = context.sequence === this.sequence && context.revision === this.sequence.revision;
    invariant(isLast, "only the verdict of the session's last forward can be kept, once");
    const { numRows, rowsList } = context;
    const { queue } = this.sequence.model.gpu;
    this.accepted.record(
      selectStep(queue, { numRows, rowsList, result: verdict.offset, session: this.sequence.index }),
    );
    return numRows - 1;
  }

  /** Records the move of these rows of a forward whose first `keep` were kept. */
  recordRows(rows: readonly number[], keep: number): void {
    this.listed ??= new PathMove(this.sequence, "list");
    const { queue } = this.sequence.model.gpu;
    const rowsList = queue.inputs.reserve(rows.length);
    for (let i = 0; i < rows.length; i++) queue.inputs.setWord(rowsList + i, rows[i] - keep);
    this.listed.record(selectStep(queue, { numRows: rows.length, rowsList, session: this.sequence.index }));
  }
}

/** The kernels of a move whose path is of a verdict in the results ring, or listed in the inputs ring. */
class PathMove {
  private readonly caches: { op: Op; numColumns: number }[] = [];
  private readonly slots: Op;

  constructor(sequence: Sequence, PATH: "verdict" | "list") {
    const { gpu, architecture: a } = sequence.model;
    const width4 = a.numKeyValueHeads * ceil4(a.headDim);
    const { layerBytes } = sequence;
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
        const op = makeOp(gpu, "keep_path", { PART: "cache", PATH }, [...shared, slice]);
        this.caches.push({ op, numColumns: width4 * numLayers });
      }
    }
    const shared = sharedOf(sequence.numLayers);
    this.slots = makeOp(gpu, "keep_path", { PART: "slots", PATH }, [...shared, sequence.slots]);
  }

  record(step: number): void {
    for (const { op, numColumns } of this.caches) op.record(step, numColumns);
    this.slots.record(step, 1);
  }
}
