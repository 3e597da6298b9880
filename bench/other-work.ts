import { readdirSync, readFileSync } from "node:fs";
import os from "node:os";

/** Processor time so far, in clock ticks: of the whole machine, and of this process and all it has started, one by one. */
export interface Ticks {
  all: number;
  own: ReadonlyMap<number, number>;
}

/** Share of the machine that other processes may take of a benchmark that is recorded. */
export const IDLE_SHARE = 0.05;
const TICKS_PER_SECOND = 100;

/** Ticks in which the machine did something, stolen ones included, by the first line of `/proc/stat`. */
export function busyTicks(stat: string): number {
  // Idle and waiting for a disk are not work; guests are in `user` already.
  const [user, nice, system, _idle, _wait, irq, softIrq, steal] = stat
    .split("\n", 1)[0]
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return user + nice + system + irq + softIrq + steal;
}

/** A process by its `/proc/PID/stat`: its parent, and its own ticks, without those of children that have ended. */
export function processOf(stat: string): { parent: number; ticks: number } {
  // The name stands in brackets and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
}

/** Ticks of a process and of each that descends from it. */
export function ticksOfTree(
  processes: ReadonlyMap<number, { parent: number; ticks: number }>,
  root: number,
): Map<number, number> {
  const isIn = (pid: number): boolean => {
    for (let at: number | undefined = pid; at; at = processes.get(at)?.parent) if (at === root) return true;
    return false;
  };
  return new Map([...processes].flatMap(([pid, { ticks }]) => (isIn(pid) ? [[pid, ticks]] : [])));
}

/** Ticks now; null where the system doesn't tell. */
export function readTicks(): Ticks | null {
  try {
    const all = busyTicks(readFileSync("/proc/stat", "utf8"));
    const processes = new Map<number, { parent: number; ticks: number }>();
    for (const name of readdirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      try {
        processes.set(Number(name), processOf(readFileSync(`/proc/${name}/stat`, "utf8")));
      } catch {
        // It has ended since.
      }
    }
    return { all, own: ticksOfTree(processes, process.pid) };
  } catch {
    return null;
  }
}

/** What a process has worked between two looks before it ended is missed, and counts as another's. */
const LOOK_EVERY_MS = 250;

/** How much of the machine other processes take while this one works. */
export class OtherWork {
  private readonly startMs: number;
  private readonly start: Ticks | null;
  /** Of every process of this one's that was ever seen: a browser's go when it is closed, and their time with them. */
  private readonly own = new Map<number, number>();

  constructor(
    private readonly read: () => Ticks | null = readTicks,
    private readonly clock: () => number = () => performance.now(),
    private readonly numCores = os.cpus().length,
  ) {
    this.startMs = clock();
    this.start = read();
    setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  /** Share of all cores that others have kept busy since this was made, 0 to 1; null where the system doesn't tell. */
  get share(): number | null {
    const now = this.look();
    const elapsedMs = this.clock() - this.startMs;
    if (!now || !this.start || elapsedMs <= 0) return null;
    let others = now.all - this.start.all;
    for (const [pid, ticks] of this.own) others -= ticks - (this.start.own.get(pid) ?? 0);
    const available = (elapsedMs / 1000) * TICKS_PER_SECOND * this.numCores;
    return Math.min(1, Math.max(0, others / available));
  }

  private look(): Ticks | null {
    const now = this.read();
    for (const [pid, ticks] of now?.own ?? []) this.own.set(pid, ticks);
    return now;
  }
}
