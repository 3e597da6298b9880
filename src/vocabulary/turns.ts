/** Work on what does one thing at a time, as a session of ONNX Runtime or the stream of a file: in the order in which it was asked for. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** Begins when all before it has ended, however it ended; the result is its own. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => {});
    return result;
  }

  /** Resolves when all that was asked for has ended. */
  async ended(): Promise<void> {
    await this.last;
  }
}
