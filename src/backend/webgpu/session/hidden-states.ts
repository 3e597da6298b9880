import { invariant } from "../../../vocabulary/errors.js";
import { floatBits } from "../gpu/queue.js";
import { ceil4, makeOp, type Op } from "../ops/op.js";
import type { StateRef } from "../../../seam/row-input.js";
import type { Sequence } from "./sequence.js";

const OWN = 0x80000000;

/** A session's hidden states of its last forward, for a head: what the LM head reads of each row. */
export class HiddenStates {
  readonly buffer: GPUBuffer;
  private readonly op: Op;
  private readonly width: number;
  /** Rows of the last forward that left some. */
  numRows = 0;

  constructor(sequence: Sequence) {
    const { model, arena } = sequence;
    const { gpu, maxRows, architecture, last } = model;
    const { hiddenSize: size } = architecture;
    this.width = ceil4(size);
    this.buffer = arena.storage("hidden states", maxRows * this.width * 16);
    const squareGroups = sequence.squareParts / 4;
    const dims = arena.uniform("hidden dims", [
      this.width,
      squareGroups,
      floatBits(size),
      floatBits(last.norm?.eps ?? 0),
    ]);
    const NORMED = last.norm !== undefined;
    const squares = last.norm ? [last.norm.squares] : [];
    this.op = makeOp(gpu, "hidden_rows", { NORMED }, [dims, last.x, this.buffer, ...squares]);
  }

  /** Records that the forward's rows leave theirs. */
  record(step: number, numRows: number): void {
    this.op.record(step, numRows * this.width);
    this.numRows = numRows;
  }
}

/** What a head's rows read beside their tokens: hidden states of its trunk, or its own. */
export class Features {
  private readonly op: Op;
  private readonly width: number;

  constructor(
    sequence: Sequence,
    private readonly own: HiddenStates,
    private readonly trunk: HiddenStates,
  ) {
    const { gpu, architecture, input } = sequence.model;
    invariant(input, "features are for a head");
    this.width = ceil4(architecture.hiddenSize);
    const dims = sequence.arena.uniform("feature dims", [this.width]);
    this.op = makeOp(gpu, "features", {}, [dims, gpu.queue.inputs.buffer, own.buffer, trunk.buffer, input.features]);
  }

  /** A word of the inputs ring that names a state. Throws for a row that isn't there. */
  word(state: StateRef | null): number {
    invariant(state, "a head's rows read a state each");
    const { of, row } = state;
    const { numRows } = of === "head" ? this.own : this.trunk;
    invariant(row >= 0 && row < numRows, `the ${of} has left ${numRows} hidden states, so none of row ${row}`);
    return of === "head" ? (row | OWN) >>> 0 : row;
  }

  record(step: number, numRows: number): void {
    this.op.record(step, numRows * this.width);
  }
}
