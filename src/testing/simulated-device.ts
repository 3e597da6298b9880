import type { ForwardRequest } from "../seam/forward.js";
import type { Model } from "../seam/model.js";
import type { Pending } from "../seam/pending.js";
import type { Session } from "../seam/session.js";

/** What a simulated device's clock charges, in milliseconds. */
export interface SimulatedCosts {
  /** A forward of so many rows. */
  forwardMs(numRows: number): number;
  /** From the end of a result's forward, or from the call where that is later, until it is read. */
  roundTripMs: number;
}

/**
 * A device with a clock of its own, for models on the CPU: forwards take their time one behind the other, results arrive a
 * round trip later, and the host takes none. Time passes only while the host has nothing left to do, so that what overlaps
 * is what would overlap, and every figure repeats.
 */
export class SimulatedDevice {
  nowMs = 0;
  private freeAtMs = 0;
  private readonly arrivals: { atMs: number; arrive: () => void }[] = [];

  constructor(private readonly roundTripMs: number) {}

  /** The model on this device, whose forwards cost so much. */
  model(inner: Model, forwardMs: (numRows: number) => number): Model {
    return { ...inner, session: () => this.session(inner.session(), forwardMs) };
  }

  private session(session: Session, forwardMs: (numRows: number) => number): Session {
    const forward = session.forward.bind(session);
    session.forward = (request: ForwardRequest) => {
      const rows = forward(request);
      this.freeAtMs = Math.max(this.freeAtMs, this.nowMs) + forwardMs(request.tokens.length);
      const endMs = this.freeAtMs;
      const ask = rows.ask.bind(rows);
      rows.ask = (question) => {
        const pending = ask(question);
        return question.kind === "sample" || question.kind === "verify" ? this.late(pending, endMs) : pending;
      };
      return rows;
    };
    return session;
  }

  private late<T>(pending: Pending<T>, endMs: number): Pending<T> {
    const read = pending.read.bind(pending);
    let value: Promise<T> | null = null;
    pending.read = () => {
      value ??= this.arrival(Math.max(endMs, this.nowMs) + this.roundTripMs).then(read);
      return value;
    };
    return pending;
  }

  private arrival(atMs: number): Promise<void> {
    return new Promise((arrive) => {
      this.arrivals.push({ atMs, arrive });
      if (this.arrivals.length === 1) setImmediate(() => this.pass());
    });
  }

  /** Everything that could be done without it is done: the next result arrives. */
  private pass(): void {
    this.arrivals.sort((a, b) => a.atMs - b.atMs);
    const next = this.arrivals.shift();
    if (!next) return;
    this.nowMs = Math.max(this.nowMs, next.atMs);
    if (this.arrivals.length > 0) setImmediate(() => this.pass());
    next.arrive();
  }
}
