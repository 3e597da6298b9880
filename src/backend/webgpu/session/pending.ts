import { invariant } from "../../../vocabulary/errors.js";
import type { Gpu } from "../gpu/device.js";
import type { Peekable } from "../../sequence/length.js";
import { explained, type TokenMaker } from "./not-finite.js";
import type { TokenRef } from "../../../seam/pending.js";

/** Where a result lies in the results ring and how to understand it. */
export interface ResultLayout<T> {
  /** First word to read back and number of words, relative to the region. */
  start: number;
  numWords: number;
  decode(words: Uint32Array, floats: Float32Array): T;
  /** Word of a token, relative to the region. */
  tokenWord(pick: number | "last" | "previous"): number;
}

/** A result in the ring of one device. */
export class GpuPending<T> implements Peekable<T> {
  private promise: Promise<T> | null = null;
  private value: T | undefined;

  constructor(
    private readonly gpu: Gpu,
    private readonly region: { offset: number; serial: number },
    readonly layout: ResultLayout<T>,
    private readonly onReadback: (byteLength: number) => void,
    /** Whose tokens it holds. */
    readonly maker: TokenMaker,
  ) {}

  ref(pick: number | "last" | "previous"): TokenRef {
    return { pending: this, word: this.region.offset + this.layout.tokenWord(pick) };
  }

  /** Throws when later results have overwritten the region: it was kept too long. */
  checkAlive(): void {
    invariant(
      this.gpu.results.holds(this.region.serial),
      "a pending result was used after the ring had overwritten it",
    );
  }

  /** First word of the region. */
  get offset(): number {
    return this.region.offset;
  }

  peek(): T | undefined {
    return this.value;
  }

  read(): Promise<T> {
    if (!this.promise) {
      this.checkAlive();
      this.gpu.queue.checkEpoch(this.maker.epoch);
      const { start, numWords, decode } = this.layout;
      const byteLength = numWords * 4;
      this.onReadback(byteLength);
      this.promise = this.gpu.queue
        .read(this.gpu.results.buffer, (this.region.offset + start) * 4, byteLength)
        .then((bytes) => {
          this.value = decode(new Uint32Array(bytes), new Float32Array(bytes));
          return this.value;
        })
        .catch(explained);
    }
    return this.promise;
  }
}
