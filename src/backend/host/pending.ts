import type { TokenId } from "../../vocabulary/events.js";
import type { Pending, TokenRef } from "../../seam/pending.js";

/** A result that is there, and looks as if it weren't until it is read. */
export class MockPending<T> implements Pending<T> {
  isRead = false;
  private promise: Promise<T> | null = null;

  constructor(
    readonly value: T,
    private readonly tokenAt: (word: number) => TokenId,
    private readonly onRead: () => Promise<void>,
  ) {}

  ref(pick: number | "last" | "previous"): TokenRef {
    return { pending: this, word: pick === "last" ? -1 : pick === "previous" ? -2 : pick };
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
}
