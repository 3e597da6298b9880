import { invariant } from "../../../vocabulary/errors.js";

/**
 * A GPU buffer filled from the CPU in order, a region per step, reused from the start when full. Regions written since
 * the last `upload` are sent in one copy, before the submit that uses them.
 */
export class UploadRing {
  readonly buffer: GPUBuffer;
  private readonly words: Uint32Array<ArrayBuffer>;
  private readonly floats: Float32Array<ArrayBuffer>;
  private head = 0;
  private sent = 0;
  private written = 0;

  constructor(
    private readonly device: GPUDevice,
    make: (byteLength: number) => GPUBuffer,
    readonly numWords: number,
    private readonly alignWords: number,
    private readonly flush: () => void,
  ) {
    this.buffer = make(numWords * 4);
    this.words = new Uint32Array(numWords);
    this.floats = new Float32Array(this.words.buffer);
  }

  /** Reserves `count` words and returns the first one's index. May flush the queue when the ring wraps. */
  reserve(count: number): number {
    invariant(count <= this.words.length, `a step needs ${count} words of ${this.words.length}`);
    if (this.head + count > this.words.length) {
      this.flush();
      // A flush without commands sends nothing, yet what was reserved may still be about to be used.
      this.upload();
      this.written += this.words.length - this.head;
      this.head = this.sent = 0;
    }
    const start = this.head;
    this.head = Math.min(this.words.length, Math.ceil((start + count) / this.alignWords) * this.alignWords);
    this.written += this.head - start;
    return start;
  }

  /** Names the region that was reserved last, for `holds`. */
  get serial(): number {
    return this.written;
  }

  /** False once later regions may have overwritten the one after whose reservation `serial` was asked. */
  holds(serial: number, count: number): boolean {
    return this.written - serial + count <= this.words.length;
  }

  /** Sets word `index` to an unsigned integer. */
  setWord(index: number, value: number): void {
    this.words[index] = value;
  }

  /** Sets word `index` to the bits of a float. */
  setFloat(index: number, value: number): void {
    this.floats[index] = value;
  }

  /** Sends what was written since the last call. */
  upload(): void {
    if (this.head > this.sent) {
      this.device.queue.writeBuffer(this.buffer, this.sent * 4, this.words, this.sent, this.head - this.sent);
      this.sent = this.head;
    }
  }
}

/** Regions of a GPU buffer that kernels write results into, reused in order. A region knows when it was overwritten. */
export class ResultRing {
  private head = 0;
  private written = 0;

  constructor(
    readonly buffer: GPUBuffer,
    private readonly numWords: number,
  ) {}

  /** Reserves `count` words; `serial` tells later whether the region still holds this result. */
  reserve(count: number): { offset: number; serial: number } {
    invariant(count <= this.numWords, `a result of ${count} words doesn't fit the ring of ${this.numWords}`);
    if (this.head + count > this.numWords) {
      this.written += this.numWords - this.head;
      this.head = 0;
    }
    const region = { offset: this.head, serial: this.written };
    this.head += count;
    this.written += count;
    return region;
  }

  /** False once later results have overwritten the region that got this serial. */
  holds(serial: number): boolean {
    return this.written - serial <= this.numWords;
  }
}
