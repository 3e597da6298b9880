import { DeviceLostError } from "../vocabulary/errors.js";

/** Losses after which a run gives up, where all of them fall within so long. */
const MOST_LOSSES = 3;
const WITHIN_MS = 60_000;
/** How long to wait before a device is asked for, the first time and so on; behind the last one the run gives up. */
const BACK_OFF_MS = [50, 200, 800, 3200];

/** How time passes; replaceable for tests. */
export interface Time {
  now(): number;
  /** Rejects with the signal's reason when it aborts. */
  wait(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** The clock on the wall. */
export const WALL_TIME: Time = {
  now: () => performance.now(),
  wait: (delayMs, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const timer = setTimeout(resolve, delayMs);
      signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    }),
};

/** What a runtime knows of the devices that it has lost: whether another one is worth asking for, and how patiently. */
export class Losses {
  private readonly timesMs: number[] = [];
  private lastReason = "unknown";

  constructor(private readonly time: Time = WALL_TIME) {}

  /** Takes note of a loss. */
  note(reason: string): void {
    this.lastReason = reason;
    this.timesMs.push(this.time.now());
    if (this.timesMs.length > MOST_LOSSES) this.timesMs.shift();
  }

  /**
   * What `open` gives, asked with longer and longer waits before each try. Throws `DeviceLostError` when devices are lost too often or
   * none is to be had, and the signal's reason when it aborts.
   */
  async askAnew<T>(open: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const [oldestMs = 0] = this.timesMs;
    if (this.timesMs.length === MOST_LOSSES && this.time.now() - oldestMs <= WITHIN_MS) {
      throw new DeviceLostError(
        `The GPU device was lost ${MOST_LOSSES} times within a minute (${this.lastReason}), so no other is asked for. Close other pages that use the GPU, or use a smaller model; then generate again.`,
      );
    }
    let failure: unknown = null;
    for (const delayMs of BACK_OFF_MS) {
      await this.time.wait(delayMs, signal);
      try {
        return await open();
      } catch (error) {
        signal?.throwIfAborted();
        failure = error;
      }
    }
    const why = failure instanceof Error ? failure.message : String(failure);
    throw new DeviceLostError(
      `The GPU device was lost (${this.lastReason}), and in ${BACK_OFF_MS.length} tries no other was to be had: ${why}`,
    );
  }
}
