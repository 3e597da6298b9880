/** So many forwards of so many rows. */
export interface Work {
  rows: number;
  times: number;
}

/** Milliseconds of so many forwards of so many rows. */
export type TimeForwards = (rows: number, repetitions: number) => Promise<number>;

/** Below the least, the clock's steps would be in a sample; above the most, few candidates would get more than one. */
const SAMPLE_MS = { least: 3, most: 50 };

/** Times a mix of forwards: more often than it is asked for where that is short, by fewer forwards of each kind where it is long. */
export class WorkSample {
  private scale = 1;

  constructor(
    private readonly work: readonly Work[],
    private readonly time: TimeForwards,
  ) {}

  /** Lets drivers finish compiling, which some do at the first use, then finds out how long the work is. One forward of each kind, twice. */
  async prepare(): Promise<void> {
    for (const { rows } of this.work) await this.time(rows, 1);
    let onceMs = 0;
    for (const { rows, times } of this.work) onceMs += times * (await this.time(rows, 1));
    const { least, most } = SAMPLE_MS;
    if (onceMs < least) this.scale = Math.ceil(least / Math.max(onceMs, least / 64));
    if (onceMs > most) this.scale = most / onceMs;
  }

  /** Milliseconds of the work, done once. */
  async measure(): Promise<number> {
    let elapsedMs = 0;
    for (const { rows, times } of this.work) {
      const repetitions = Math.max(1, Math.round(times * this.scale));
      elapsedMs += (times / repetitions) * (await this.time(rows, repetitions));
    }
    return elapsedMs;
  }
}
