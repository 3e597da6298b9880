import type { Model } from "../seam/model.js";
import type { Session } from "../seam/session.js";

/** Kept for the next runs: as many as a page's panes use of one model at a time. */
const MAX_IDLE = 2;
/** Conversations whose sessions are kept: one beyond them is read again from its beginning. */
const MAX_CONVERSATIONS = 2;

/** What sessions are lent of. */
export interface Lendable {
  model: Model;
  dispose(): void;
}

/** Whose a session is to be. */
export interface Lending {
  /** No other run's. */
  isAlone?: boolean;
  /** That of a conversation. */
  conversation?: string;
}

/** A loaded model with its sessions: a used one is kept and serves the next run. */
export class Resident<T extends Lendable> {
  private readonly idle: Session[] = [];
  /** Of conversations between two turns, the one that was used last at the end. */
  private readonly resting = new Map<string, Session>();
  private readonly busy = new Set<Session>();

  constructor(readonly loaded: T) {}

  /** Sessions in use and kept. */
  get sessionCount(): number {
    return this.idle.length + this.resting.size + this.busy.size;
  }

  /**
   * A session for one run: that of its conversation, else one that is kept, or a new one, as where it `isAlone`. The engine cuts it to
   * what it shares with the run's canvas.
   */
  lend({ isAlone = false, conversation }: Lending = {}): Session {
    const own = conversation === undefined ? undefined : this.resting.get(conversation);
    if (conversation !== undefined) this.resting.delete(conversation);
    const session = own ?? (isAlone ? null : this.idle.pop()) ?? this.loaded.model.session();
    this.busy.add(session);
    return session;
  }

  /** Takes a session back. One whose run failed is in an unknown state and is disposed of, as is one more than are kept. */
  giveBack(session: Session, isReusable: boolean, conversation?: string): void {
    if (!this.busy.delete(session)) return;
    if (isReusable && conversation !== undefined) this.rest(conversation, session);
    else if (isReusable && this.idle.length < MAX_IDLE) this.idle.push(session);
    else session.dispose();
  }

  /** Frees the sessions that no run uses. */
  dropIdle(): void {
    for (const session of [...this.idle.splice(0), ...this.resting.values()]) session.dispose();
    this.resting.clear();
  }

  /** Frees the sessions, then the model. */
  dispose(): void {
    this.dropIdle();
    for (const session of this.busy) session.dispose();
    this.busy.clear();
    this.loaded.dispose();
  }

  private rest(conversation: string, session: Session): void {
    // Two turns of one conversation at a time: the later one's session stays.
    this.resting.get(conversation)?.dispose();
    this.resting.delete(conversation);
    this.resting.set(conversation, session);
    if (this.resting.size <= MAX_CONVERSATIONS) return;
    const [oldest, longest] = this.resting.entries().next().value as [string, Session];
    this.resting.delete(oldest);
    longest.dispose();
  }
}
