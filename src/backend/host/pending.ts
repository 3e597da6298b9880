import type { Pending, TokenRef } from "../../seam/pending.js";
import { invariant } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import type { Peekable } from "../sequence/length.js";

const NEGATIVE = { last: -1, previous: -2 } as const;

/** A result on the CPU, worked out already or once what it is asked of has run. */
export abstract class HostResult<T> implements Peekable<T> {
  /** It was waited for: until then it looks as a device's result does. */
  isRead = false;

  ref(pick: number | "last" | "previous"): TokenRef {
    return { pending: this, word: typeof pick === "number" ? pick : NEGATIVE[pick] };
  }

  peek(): T | undefined {
    return this.isRead ? this.workedOut().value : undefined;
  }

  abstract read(): Promise<T>;
  /** The result itself. Throws what kept it from being worked out. */
  abstract workedOut(): HostPending<T>;
}

/** A result that is there, and looks as if it weren't until it is read. */
export class HostPending<T> extends HostResult<T> {
  private promise: Promise<T> | null = null;

  constructor(
    readonly value: T,
    private readonly tokenAt: (word: number) => TokenId,
    private readonly onRead: () => Promise<void>,
  ) {
    super();
  }

  /** The token that the device would find. */
  resolve(word: number): TokenId {
    return this.tokenAt(word);
  }

  read(): Promise<T> {
    this.promise ??= this.onRead().then(() => {
      this.isRead = true;
      return this.value;
    });
    return this.promise;
  }

  workedOut(): HostPending<T> {
    return this;
  }
}

/** A result of this backend, worked out. Throws `InvariantError` for another's, `what` is; and what kept it from being worked out. */
export function workedOut<T>(pending: Pending<T>, what: string): HostPending<T> {
  invariant(pending instanceof HostResult, `${what} another model's`);
  return (pending as HostResult<T>).workedOut();
}
