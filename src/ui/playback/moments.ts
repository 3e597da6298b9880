import type { GenerationEvent } from "../../vocabulary/events.js";

/** By what panes are kept in step: the time in which each held the device, in milliseconds, or its main model's forward passes. */
export type RaceClock = "time" | "forwards";

/** When each step of a run ended, by either clock. */
export class Moments {
  private readonly ends: Record<RaceClock, readonly number[]>;
  /** How many events had been told before each step, and in the end. */
  private readonly told: readonly number[];

  /** Of a run's events, which may be going on. */
  constructor(events: readonly GenerationEvent[]) {
    const time: number[] = [];
    const forwards: number[] = [];
    const told: number[] = [];
    for (const [i, event] of events.entries()) {
      if (event.type !== "step") continue;
      told.push(i);
      time.push(event.ownMs);
      forwards.push((forwards.at(-1) ?? 0) + event.forwards);
    }
    this.ends = { time, forwards };
    this.told = [...told, events.length];
  }

  /** Steps that it has. */
  get numSteps(): number {
    return this.ends.time.length;
  }

  /** When so many steps had ended: 0 before the first. */
  atStep(clock: RaceClock, step: number): number {
    return step <= 0 ? 0 : (this.ends[clock][Math.min(step, this.numSteps) - 1] ?? 0);
  }

  /** Events of the run that are shown once so many steps have ended: all up to the next step. */
  eventsAt(step: number): number {
    return this.told[Math.max(0, Math.min(step, this.numSteps))];
  }

  /** When the run ended. */
  end(clock: RaceClock): number {
    return this.atStep(clock, this.numSteps);
  }

  /** Steps that had ended by then; at 0 none. */
  stepAt(clock: RaceClock, at: number): number {
    return at <= 0 ? 0 : countUntil(this.ends[clock], at);
  }
}

/** All moments at which some run of a race showed something new, in order and each once, the beginning first. */
export function framesOf(runs: readonly Moments[], clock: RaceClock): number[] {
  const all = runs.flatMap((run) => Array.from({ length: run.numSteps }, (_, i) => run.atStep(clock, i + 1)));
  return [...new Set([0, ...all])].sort((a, b) => a - b);
}

/** The index of the last frame that had come by then. */
export function frameAt(frames: readonly number[], at: number): number {
  return Math.max(0, countUntil(frames, at) - 1);
}

/** How many of sorted times are no later. */
function countUntil(times: readonly number[], at: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
