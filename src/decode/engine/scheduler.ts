import { invariant } from "../../vocabulary/errors.js";

/** One run's right to use the device. */
export interface Turn {
  /** Waits until the device is this run's; at once when it holds it already. */
  take(): Promise<void>;
  /** Lets the next run have the device. Call it with no read outstanding. */
  give(): void;
  /** Gives and never comes back. */
  leave(): void;
  /** The quantum is over and a run with no more own time waits: finish what is under way, then `give`. */
  readonly isOver: boolean;
  /** Another run uses this device too. */
  readonly isShared: boolean;
  /** Time in which this run held the device. */
  readonly ownMs: number;
}

/** How a scheduler measures. */
export interface SchedulerOptions {
  clock?: () => number;
  /** Shortest time a run holds the device while others wait. */
  quantumMs?: number;
}

/**
 * Shares one device among runs: one run holds it for a quantum, the next is the one with the least own time (on ties the
 * one that joined first). Fair by time, whatever a decoder does in a step.
 */
export class Scheduler {
  readonly clock: () => number;
  readonly quantumMs: number;
  private readonly members = new Set<Member>();
  private holder: Member | null = null;

  constructor({ clock = () => performance.now(), quantumMs = 30 }: SchedulerOptions = {}) {
    this.clock = clock;
    this.quantumMs = quantumMs;
  }

  /** Number of runs that share the device now. */
  get size(): number {
    return this.members.size;
  }

  /** A turn for a new run. It starts level with the run that had the least own time, so it can't starve the others. */
  join(): Turn {
    const ranks = [...this.members].map(({ rankMs }) => rankMs);
    const member = new Member(this, ranks.length > 0 ? Math.min(...ranks) : 0);
    this.members.add(member);
    return member;
  }

  /** Whether this run holds the device. */
  holds(member: Turn): boolean {
    return this.holder === member;
  }

  /** Whether a run that has had no more of the device than this one waits for it. */
  isDue(member: Member): boolean {
    return [...this.members].some(({ wake, rankMs }) => wake !== null && rankMs <= member.rankMs);
  }

  /** Gives a free device to the waiting run with the least own time. */
  pass(from: Member | null): void {
    if (this.holder !== from) return;
    this.holder = null;
    let next: Member | null = null;
    for (const member of this.members) if (member.wake && (!next || member.rankMs < next.rankMs)) next = member;
    if (!next) return;
    this.holder = next;
    next.start();
  }

  /** Takes a run out. */
  remove(member: Member): void {
    this.members.delete(member);
  }
}

class Member implements Turn {
  wake: (() => void) | null = null;
  private heldMs = 0;
  private takenAtMs = 0;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly headStartMs: number,
  ) {}

  /** Own time that counts for the order. */
  get rankMs(): number {
    return this.headStartMs + this.ownMs;
  }

  get ownMs(): number {
    return this.heldMs + this.currentMs;
  }

  get isOver(): boolean {
    return this.currentMs >= this.scheduler.quantumMs && this.scheduler.isDue(this);
  }

  get isShared(): boolean {
    return this.scheduler.size > 1;
  }

  take(): Promise<void> {
    if (this.scheduler.holds(this)) return Promise.resolve();
    invariant(this.wake === null, "the run waits for the device already");
    const taken = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.scheduler.pass(null);
    return taken;
  }

  give(): void {
    if (!this.scheduler.holds(this)) return;
    this.heldMs = this.ownMs;
    this.takenAtMs = Number.NaN;
    this.scheduler.pass(this);
  }

  leave(): void {
    this.scheduler.remove(this);
    this.give();
  }

  /** Called by the scheduler: the device is this run's now. */
  start(): void {
    this.takenAtMs = this.scheduler.clock();
    this.wake?.();
    this.wake = null;
  }

  private get currentMs(): number {
    return this.scheduler.holds(this) && !Number.isNaN(this.takenAtMs) ? this.scheduler.clock() - this.takenAtMs : 0;
  }
}

/** Lets the event loop handle messages and timers: a macrotask, where a resolved promise would only be a microtask. */
export function pause(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
