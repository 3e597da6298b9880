import { invariant } from "../../../vocabulary/errors.js";
import type { StateRef } from "../../../seam/row-input.js";

/** The states that a session's rows leave for what reads them, of its last forward that was asked to: what the LM head reads of each row. */
export class LeftStates {
  /** Rows of that forward, which may not have run yet: the values are then an earlier one's. */
  numRows = 0;
  private values: Float32Array = new Float32Array(0);
  private rowSize = 0;
  private failure: { error: unknown } | null = null;

  /** Those of so many rows, `[numRows, hiddenSize]`: their forward has run. */
  leave(values: Float32Array, numRows: number): void {
    this.values = values;
    this.rowSize = values.length / numRows;
    this.failure = null;
  }

  /** The forward that should have left them failed. */
  fail(error: unknown): void {
    this.failure = { error };
  }

  /** Throws for a row that isn't there. `whose`: as messages have it. */
  check(row: number, whose: StateRef["of"]): void {
    const { numRows } = this;
    invariant(row >= 0 && row < numRows, `the ${whose} has left ${numRows} hidden states, so none of row ${row}`);
  }

  /** A row's, once the forward has run. Throws what that failed with. */
  of(row: number): Float32Array {
    if (this.failure) throw this.failure.error;
    const { values, rowSize } = this;
    return values.subarray(row * rowSize, (row + 1) * rowSize);
  }
}

/** What the rows of a head's session read beside their tokens: states of its trunk, or of its own last forward. */
export class ReadStates {
  constructor(
    private readonly own: LeftStates,
    private readonly trunk: LeftStates,
  ) {}

  /** Throws for a state that isn't there. */
  check(refs: readonly StateRef[]): void {
    for (const { of, row } of refs) this.from(of).check(row, of);
  }

  /** `[refs, hiddenSize]` */
  gather(refs: readonly StateRef[]): Float32Array {
    const rows = refs.map(({ of, row }) => this.from(of).of(row));
    const size = rows[0].length;
    const all = new Float32Array(rows.length * size);
    for (const [i, row] of rows.entries()) all.set(row, i * size);
    return all;
  }

  private from(of: StateRef["of"]): LeftStates {
    return of === "head" ? this.own : this.trunk;
  }
}
