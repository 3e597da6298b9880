import { invariant } from "../../../vocabulary/errors.js";
import { makeOp, type Op } from "../ops/op.js";
import { selectStep } from "../ops/select-step.js";
import type { PathPlace, StateTable } from "../ops/states.js";
import type { GpuPending, ResultLayout } from "./pending.js";
import type { Sequence } from "./sequence.js";

/** What promoting scratch rows needs to know of the forward that made them. */
export interface ScratchRows {
  /** Its logit rows, and the word in the inputs ring where their list starts. */
  numRows: number;
  rowsList: number;
  /** Rows of it that were kept: scratch begins behind them. */
  numKept: number;
  /** Its sequence and what `revision` that had: scratch rows are gone once it moves on. */
  sequence: object;
  revision: number;
}

/** Scratch rows that a result promotes. */
export interface Promoted extends ScratchRows {
  /** Word of the record, from the region's beginning: so many rows, a word, a row before them, theirs in order. */
  at: number;
  /** So many rows; null where the result says. */
  count: number | null;
  /** The row before the first of them is the last kept one. */
  keepMatches: boolean;
}

/** The layout of a result whose rows can be kept. */
export interface PromotedLayout<T> extends ResultLayout<T> {
  promoted: Promoted;
}

/** Moves a path of scratch rows behind the kept rows and lengthens the session, all on the device. */
export class Promotion {
  private readonly told: PathMove;
  /** The move of a path whose rows were chosen on the host. */
  private listed: PathMove | null = null;

  constructor(private readonly sequence: Sequence) {
    this.told = new PathMove(sequence, "result");
  }

  /** Records the move of the rows that a result tells of, with their states where they left some; returns what is known of them. */
  record(kept: GpuPending<unknown>, states: StateTable | null): Promoted {
    kept.checkAlive();
    const { promoted } = kept.layout as Partial<PromotedLayout<unknown>>;
    invariant(promoted, "only a verdict, or a candidate that was taken, says which rows to keep");
    invariant(promoted.keepMatches, "row 0 of a verification must be the last kept row of its forward");
    const isLast = promoted.sequence === this.sequence && promoted.revision === this.sequence.revision;
    invariant(isLast, "only the verdict of the session's last forward can be kept, once");
    const { numRows, rowsList, numKept: quota, at } = promoted;
    const { queue } = this.sequence.model.gpu;
    const result = kept.offset + at;
    this.told.record(selectStep(queue, { numRows, rowsList, result, quota, session: this.sequence.index }), states);
    return promoted;
  }

  /** Records the move of these rows of a forward whose first `keep` were kept, with their states where they left some. */
  recordRows(rows: readonly number[], keep: number, states: StateTable | null): void {
    this.listed ??= new PathMove(this.sequence, "list");
    const { queue } = this.sequence.model.gpu;
    const rowsList = queue.inputs.reserve(rows.length);
    for (let i = 0; i < rows.length; i++) queue.inputs.setWord(rowsList + i, rows[i] - keep);
    this.listed.record(selectStep(queue, { numRows: rows.length, rowsList, session: this.sequence.index }), states);
  }
}

/** The kernels of a move. */
class PathMove {
  private readonly caches: { op: Op; numColumns: number }[] = [];
  private readonly slots: Op;

  constructor(
    sequence: Sequence,
    private readonly place: PathPlace,
  ) {
    const PATH = place;
    const { gpu, architecture: a } = sequence.model;
    const { layerBytes, cached } = sequence;
    const rowCells = a.numKeyValueHeads * cached.cells;
    // As many layers at a time as a device lets a kernel see.
    const most = Math.max(1, Math.floor(gpu.device.limits.maxStorageBufferBindingSize / layerBytes));
    const sharedOf = (numLayers: number) => [
      sequence.arena.uniform("promotion dims", [rowCells, layerBytes / cached.cellBytes, numLayers]),
      gpu.results.buffer,
      gpu.queue.inputs.buffer,
      sequence.lengths,
    ];
    for (let layer = 0; layer < sequence.numLayers; layer += most) {
      const numLayers = Math.min(most, sequence.numLayers - layer);
      const shared = sharedOf(numLayers);
      for (const buffer of [sequence.keys, sequence.values]) {
        const slice = { buffer, offset: layer * layerBytes, size: numLayers * layerBytes };
        const op = makeOp(gpu, "keep_path", { PART: "cache", PATH, CACHE: cached.format }, [...shared, slice]);
        this.caches.push({ op, numColumns: rowCells * numLayers });
      }
    }
    const shared = sharedOf(sequence.numLayers);
    this.slots = makeOp(gpu, "keep_path", { PART: "slots", PATH }, [...shared, sequence.slots]);
  }

  record(step: number, states: StateTable | null): void {
    for (const { op, numColumns } of this.caches) op.record(step, numColumns);
    states?.promote(step, this.place);
    this.slots.record(step, 1);
  }
}
