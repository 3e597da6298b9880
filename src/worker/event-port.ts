import { toWire } from "../vocabulary/errors.js";
import type { GenerationEvent, LiveEvent } from "../vocabulary/events.js";
import type { CancelMessage, RunMessage } from "./protocol.js";

/** Longest time an event waits for company. */
const FLUSH_MS = 16;

/**
 * The worker's end of a run's port. Events are pushed in batches at most every 16 ms and never wait for the page, so a
 * busy page can't stall decoding. After `done` or `error` nothing more is sent.
 */
export class EventPort {
  private batch: LiveEvent[] = [];
  private lastFlushMs = Number.NEGATIVE_INFINITY;
  private lastSeq = -1;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isOver = false;

  constructor(
    private readonly port: MessagePort,
    onCancel: () => void,
    private readonly clock: () => number = () => performance.now(),
  ) {
    port.onmessage = ({ data }: MessageEvent<CancelMessage>) => {
      if (data.type === "cancel") onCancel();
    };
  }

  /** Queues or sends one event. */
  emit(event: GenerationEvent): void {
    if (this.isOver) return;
    this.lastSeq = event.seq;
    if (event.type === "done" || event.type === "error") return this.end(event);
    this.batch.push(event);
    const waitMs = this.lastFlushMs + FLUSH_MS - this.clock();
    if (waitMs <= 0) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), waitMs);
  }

  /** Ends the run with an error, unless it has ended already. */
  fail(error: unknown): void {
    if (!this.isOver) this.end({ type: "error", seq: this.lastSeq + 1, ...toWire(error) });
  }

  private end(event: Extract<GenerationEvent, { type: "done" | "error" }>): void {
    this.flush();
    this.isOver = true;
    this.post(event.type === "done" ? { type: "done", event } : { type: "error", event });
    // Not closed here: the page closes its end when it has read the last message, and that closes both.
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.batch.length === 0) return;
    this.lastFlushMs = this.clock();
    this.post({ type: "events", events: this.batch });
    this.batch = [];
  }

  private post(message: RunMessage): void {
    this.port.postMessage(message);
  }
}
