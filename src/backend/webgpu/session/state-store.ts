import type { States } from "../../../seam/states.js";
import { StateTable } from "../ops/states.js";
import type { Trunk } from "./part.js";

/** A session's room for states. */
export class StateStore implements States {
  readonly table: StateTable;

  constructor(private readonly trunk: Pick<Trunk, "sequence" | "numStated">) {
    const { model, arena, rowRecords, lengths } = trunk.sequence;
    const { hiddenSize: size } = model.architecture;
    const { maxLength: context } = model.capabilities;
    this.table = new StateTable(model.gpu, arena, { size, context, x: model.last.x, rowRecords, lengths });
  }

  get length(): number {
    return this.trunk.numStated;
  }

  /** Whether it is this sequence's. */
  isOf(sequence: object): boolean {
    return this.trunk.sequence === sequence;
  }
}
