import type { GenerateRequest } from "./request.js";
import { pause } from "./scheduler.js";

/** Return to the event loop at least this often (the contract is 20 ms; a step may take some of it). */
const PAUSE_MS = 12;

/** A run's two times, since it began and with the device as its own; and when it last let the event loop have its turn. */
export class RunClock {
  private readonly now: () => number;
  private readonly startMs: number;
  private pausedAtMs: number;

  constructor(private readonly request: Pick<GenerateRequest, "clock" | "pause" | "turn">) {
    this.now = request.clock ?? (() => performance.now());
    this.startMs = this.pausedAtMs = this.now();
  }

  /** Both times so far. */
  times(): { elapsedMs: number; ownMs: number } {
    const elapsedMs = this.now() - this.startMs;
    return { elapsedMs, ownMs: this.request.turn?.ownMs ?? elapsedMs };
  }

  /** Whether the event loop has waited long enough. */
  get isPauseDue(): boolean {
    return this.now() - this.pausedAtMs >= PAUSE_MS;
  }

  /** Lets the event loop have its turn. */
  async pause(): Promise<void> {
    await (this.request.pause ?? pause)();
    this.pausedAtMs = this.now();
  }
}
