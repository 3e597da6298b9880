import { makeOp, type Op } from "../ops/op.js";
import { type SelectStep, selectStep } from "../ops/select-step.js";
import { REF, type Sequence } from "./sequence.js";

const NONE = 0xffffffff;

/** How many rows the device takes for kept: it may follow from a result that the host hasn't read. */
export class DeviceLength {
  private readonly op: Op;

  constructor(private readonly sequence: Sequence) {
    this.op = makeOp(sequence.model.gpu, "set_length", { WORKGROUP_SIZE: 1 }, [sequence.lengths]);
  }

  /** Cuts to `limit` at most, or to another sequence's length and `offset` more. */
  cut(limit: number, other: Sequence | null, offset: number): void {
    const parents = other ? other.index : NONE;
    this.record({ quota: limit, parents, session: this.sequence.index, k: (offset + REF) >>> 0 });
  }

  /** Sets it where all rows are written already. */
  set(length: number): void {
    this.record({ quota: length, numRows: length, parents: NONE, session: this.sequence.index, k: REF });
  }

  private record(fields: SelectStep): void {
    const { sequence, op } = this;
    op.record(selectStep(sequence.model.gpu.queue, fields), 1);
    sequence.counts.dispatches++;
    sequence.revision++;
  }
}
