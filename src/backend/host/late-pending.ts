import { invariant } from "../../vocabulary/errors.js";
import type { Line } from "./line.js";
import { type HostPending, HostResult } from "./pending.js";

/** A result that a job of a line works out. */
export class LatePending<T> extends HostResult<T> {
  private result: HostPending<T> | null = null;
  private failure: { error: unknown } | null = null;
  private readonly done: Promise<void>;
  private reading: Promise<T> | null = null;

  /** What `work` throws is told to whoever reads the result, or uses it. */
  constructor(line: Line, work: () => HostPending<T>) {
    super();
    this.done = line.add(() => {
      try {
        this.result = work();
      } catch (error) {
        this.failure = { error };
      }
    });
  }

  read(): Promise<T> {
    this.reading ??= this.done
      .then(() => this.workedOut().read())
      .then((value) => {
        this.isRead = true;
        return value;
      });
    return this.reading;
  }

  workedOut(): HostPending<T> {
    if (this.failure) throw this.failure.error;
    invariant(this.result, "a result is used before it was asked for");
    return this.result;
  }
}
