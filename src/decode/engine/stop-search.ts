/** The bytes of tokens in a row, in which texts are looked for that end a run. */
export class StopSearch {
  private readonly stops: Uint8Array[];
  private readonly longestStop: number;
  private readonly byteEnds: number[] = [];
  private buffer = new Uint8Array(256);

  constructor(stopTexts: readonly string[]) {
    this.stops = stopTexts.map((text) => new TextEncoder().encode(text));
    this.longestStop = Math.max(0, ...this.stops.map(({ length }) => length));
  }

  /** Tokens so far; set to fewer, it forgets those behind. */
  get length(): number {
    return this.byteEnds.length;
  }

  set length(length: number) {
    this.byteEnds.length = length;
  }

  get byteLength(): number {
    return this.byteStart(this.length);
  }

  /** Where a token's bytes begin. */
  byteStart(index: number): number {
    return index === 0 ? 0 : this.byteEnds[index - 1];
  }

  /** The token that holds the byte at `offset`; -1 behind the last. */
  entryAt(offset: number): number {
    return this.byteEnds.findIndex((end) => end > offset);
  }

  /** The first bytes. */
  bytes(length: number): Uint8Array {
    return this.buffer.subarray(0, length);
  }

  push(bytes: Uint8Array): void {
    const start = this.byteLength;
    if (start + bytes.length > this.buffer.length) {
      const longer = new Uint8Array((start + bytes.length) * 2);
      longer.set(this.buffer.subarray(0, start));
      this.buffer = longer;
    }
    this.buffer.set(bytes, start);
    this.byteEnds.push(start + bytes.length);
  }

  /** Start of the stop text that ends first within the last token; of several that end there, the longest. */
  findLast(): number | null {
    for (let end = this.byteStart(this.length - 1) + 1; end <= this.byteLength; end++) {
      const starts = this.stops
        .filter((stop) => this.endsWith(stop, stop.length, end))
        .map(({ length }) => end - length);
      if (starts.length > 0) return Math.min(...starts);
    }
    return null;
  }

  /** Length of the longest end of the text that a stop text begins with. */
  heldLength(): number {
    const end = this.byteLength;
    for (let length = Math.min(this.longestStop - 1, end); length > 0; length--) {
      if (this.stops.some((stop) => length < stop.length && this.endsWith(stop, length, end))) return length;
    }
    return 0;
  }

  private endsWith(stop: Uint8Array, length: number, end: number): boolean {
    const start = end - length;
    if (start < 0) return false;
    for (let i = 0; i < length; i++) if (this.buffer[start + i] !== stop[i]) return false;
    return true;
  }
}
