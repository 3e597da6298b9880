import type { Model } from "../seam/model.js";
import type { Session } from "../seam/session.js";

/** Kept for the next runs: as many as a page's panes use of one model at a time. */
const MAX_IDLE = 2;

/** What sessions are lent of. */
export interface Lendable {
  model: Model;
  dispose(): void;
}

/** A loaded model with its sessions: a used one is kept and serves the next run. */
export class Resident<T extends Lendable> {
  private readonly idle: Session[] = [];
  private readonly busy = new Set<Session>();

  constructor(readonly loaded: T) {}

  /** Sessions in use and kept. */
  get sessionCount(): number {
    return this.idle.length + this.busy.size;
  }

  /** A session for one run, a new one where it `isAlone`; the engine cuts it to what it shares with the run's canvas. */
  lend(isAlone = false): Session {
    const session = (isAlone ? null : this.idle.pop()) ?? this.loaded.model.session();
    this.busy.add(session);
    return session;
  }

  /** Takes a session back. One whose run failed is in an unknown state and is disposed of, as is one more than are kept. */
  giveBack(session: Session, isReusable: boolean): void {
    if (!this.busy.delete(session)) return;
    if (isReusable && this.idle.length < MAX_IDLE) this.idle.push(session);
    else session.dispose();
  }

  /** Frees the sessions that no run uses. */
  dropIdle(): void {
    for (const session of this.idle.splice(0)) session.dispose();
  }

  /** Frees the sessions, then the model. */
  dispose(): void {
    for (const session of [...this.idle, ...this.busy]) session.dispose();
    this.idle.length = 0;
    this.busy.clear();
    this.loaded.dispose();
  }
}
