/** Without a macrotask for so long, and no message or timer of the thread is heard. */
const MOST_BUSY_MS = 8;

/**
 * What was asked of one device, done in the order in which it was asked for: each job begins once the one before it has ended, so that
 * what a job needs of an earlier one is there. A job that fails holds up none behind it.
 */
export class Line {
  private last: Promise<unknown> = Promise.resolve();
  private pausedAtMs = 0;

  /** `pause` lets messages and timers be handled. */
  constructor(
    private readonly pause: () => Promise<void>,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** Adds a job; its outcome. */
  add<T>(job: () => T | Promise<T>): Promise<T> {
    const done = this.last.then(job);
    this.last = done.catch(() => undefined);
    return done;
  }

  /** Within a job: hands the thread over where it was long busy. */
  async breathe(): Promise<void> {
    if (this.clock() - this.pausedAtMs < MOST_BUSY_MS) return;
    await this.pause();
    this.pausedAtMs = this.clock();
  }
}
