/** Work that is done while a process has nothing else to do, and ends when it has. */
export class IdleWork {
  private numAside = 0;
  private current: { abort: AbortController; ended: Promise<void> } | null = null;

  /** `idle` resolves when nothing has been asked for a while; left out: nothing is done. */
  constructor(
    private readonly work: (signal: AbortSignal) => Promise<void>,
    private readonly idle?: () => Promise<void>,
  ) {}

  /** Resolves once the work that was begun has ended; at once where none is. */
  get ended(): Promise<void> {
    return this.current?.ended ?? Promise.resolve();
  }

  /** Does what the work mustn't be beside: once it has ended. */
  async aside<T>(task: () => Promise<T>): Promise<T> {
    this.numAside++;
    this.current?.abort.abort();
    try {
      await this.current?.ended;
      return await task();
    } finally {
      this.numAside--;
    }
  }

  /** Begins the work, unless it is begun, or something is done that it mustn't be beside. */
  begin(): void {
    if (!this.idle || this.current || this.numAside > 0) return;
    const abort = new AbortController();
    const { signal } = abort;
    const stopped = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    const waiting = Promise.race([this.idle(), stopped]);
    const ended = waiting
      .then(() => (signal.aborted ? undefined : this.work(signal)))
      .catch(() => undefined)
      .finally(() => {
        this.current = null;
      });
    this.current = { abort, ended };
  }
}
