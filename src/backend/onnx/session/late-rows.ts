import { invariant } from "../../../vocabulary/errors.js";
import type { Pending } from "../../../seam/pending.js";
import type { Question } from "../../../seam/questions/question.js";
import { checkSelection } from "../../../seam/row-limits.js";
import type { RowsOnHost } from "../../host/host-rows.js";
import { LatePending } from "../../host/late-pending.js";
import type { AnsweringRows } from "../../host/rows.js";
import type { Line } from "../../host/line.js";
import { type HostPending, workedOut } from "../../host/pending.js";
import type { Rows } from "../../../seam/rows.js";

/** How many rows the answers to these questions promote; null where the answer says. */
const PROMOTED: Readonly<Record<string, number | null>> = { verify: null, judge: null, contrast: 1 };

/** What is known of a forward's rows before it has run. */
export interface LateOrigin {
  /** Forward rows with logits. */
  list: readonly number[];
  /** Rows that were kept. */
  keep: number;
  /** Whose forward it was, and that one's revision since. */
  session: object;
  revision: number;
  /** Throws once the session has made another forward. */
  checkAlive(): void;
}

/** Rows of a forward that runs once its line comes to it. */
export class LateRows implements RowsOnHost {
  private rows: AnsweringRows | null = null;
  private failure: { error: unknown } | null = null;

  /** `run` runs the forward. */
  constructor(
    private readonly line: Line,
    readonly origin: LateOrigin,
    run: () => Promise<AnsweringRows>,
  ) {
    void line.add(async () => {
      try {
        this.rows = await run();
      } catch (error) {
        this.failure = { error };
      }
    });
  }

  get count(): number {
    return this.origin.list.length;
  }

  ask<T>(question: Question<T>): Pending<T> {
    this.origin.checkAlive();
    checkSelection(this.count);
    invariant(this.count > 0, "selection takes rows");
    const work = () => workedOut(this.workedOut().ask(question), "the answer is");
    const promotes = PROMOTED[question.kind];
    return promotes === undefined
      ? new LatePending(this.line, work)
      : new PromotablePending(this.line, work, this, promotes);
  }

  blend(other: Rows, share: number): void {
    this.origin.checkAlive();
    invariant(other.count <= this.count, `${other.count} rows are mixed into ${this.count}`);
    void this.line.add(() => {
      try {
        this.workedOut().blend(other, share);
      } catch (error) {
        this.failure ??= { error };
      }
    });
  }

  async logits(): Promise<Float32Array> {
    this.origin.checkAlive();
    return this.line.add(() => this.workedOut().logits());
  }

  workedOut(): AnsweringRows {
    if (this.failure) throw this.failure.error;
    invariant(this.rows, "rows are used before their forward was asked for");
    return this.rows;
  }
}

/** A result that tells which of its rows to keep. */
export class PromotablePending<T> extends LatePending<T> {
  /** `count`: so many; null where the result says. */
  constructor(
    line: Line,
    work: () => HostPending<T>,
    readonly rows: LateRows,
    readonly count: number | null,
  ) {
    super(line, work);
  }
}
