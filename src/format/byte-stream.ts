/** The bytes of a response's body, taken in whatever portions are wanted. */
export class ByteStream {
  /** Bytes that have been taken. */
  position = 0;
  private left: Uint8Array = new Uint8Array(0);
  private isDone = false;
  private readonly reader: ReadableStreamDefaultReader<Uint8Array> | undefined;

  constructor(response: Response) {
    this.reader = response.body?.getReader();
  }

  /** The first bytes of what comes next, which stay; none at the end. */
  async peek(): Promise<Uint8Array> {
    while (this.left.length === 0 && !this.isDone) {
      const part = await this.reader?.read();
      if (!part || part.done) this.isDone = true;
      else this.left = part.value;
    }
    return this.left;
  }

  /** Fills `out`, or less of it where the body ends; says how much. */
  async take(out: Uint8Array): Promise<number> {
    let numBytes = 0;
    while (numBytes < out.length) {
      const next = await this.peek();
      if (next.length === 0) break;
      const used = next.subarray(0, out.length - numBytes);
      out.set(used, numBytes);
      numBytes += used.length;
      this.advance(used.length);
    }
    return numBytes;
  }

  /** Passes over so many bytes, or fewer where the body ends. */
  async skip(count: number): Promise<void> {
    const end = this.position + count;
    while (this.position < end) {
      const next = await this.peek();
      if (next.length === 0) break;
      this.advance(Math.min(next.length, end - this.position));
    }
  }

  /** Wants no more. A read that waits ends as if the body did. */
  async cancel(): Promise<void> {
    await this.reader?.cancel().catch(() => undefined);
  }

  private advance(count: number): void {
    this.left = this.left.subarray(count);
    this.position += count;
  }
}
