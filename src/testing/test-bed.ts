import { type Gpu, openDevice } from "../backend/webgpu/gpu/device.js";
import { floatBits } from "../backend/webgpu/gpu/queue.js";

/** One device for the tests of a file: arrays in, arrays out. */
export class TestBed {
  private constructor(readonly gpu: Gpu) {}

  /** Opens a device on the adapter that the test set-up put in place. */
  static async open(): Promise<TestBed> {
    return new TestBed(await openDevice());
  }

  /** A storage buffer with these floats. */
  floats(label: string, values: ArrayLike<number>): GPUBuffer {
    return this.gpu.arena.upload(label, Float32Array.from(values));
  }

  /** A storage buffer with these unsigned integers. */
  words(label: string, values: ArrayLike<number>): GPUBuffer {
    return this.gpu.arena.upload(label, Uint32Array.from(values));
  }

  /** A zeroed storage buffer of `numWords` words. */
  empty(label: string, numWords: number): GPUBuffer {
    return this.gpu.arena.storage(label, numWords * 4);
  }

  /** A uniform of unsigned integers. */
  uniform(words: readonly number[]): GPUBuffer {
    return this.gpu.arena.uniform("dims", words);
  }

  /** Words put in the inputs ring; returns the first one's index. */
  inputs(values: readonly number[]): number {
    const { inputs } = this.gpu.queue;
    const start = inputs.reserve(values.length);
    values.forEach((value, i) => {
      inputs.setWord(start + i, value);
    });
    return start;
  }

  /** A step block with these words; returns its offset. */
  step(words: readonly number[]): number {
    return this.gpu.queue.step(words);
  }

  /** The first `length` floats of a buffer after everything recorded so far. */
  async readFloats(buffer: GPUBuffer, length: number, start = 0): Promise<Float32Array> {
    return new Float32Array(await this.gpu.queue.read(buffer, start * 4, length * 4));
  }

  /** The first `length` words of a buffer after everything recorded so far. */
  async readWords(buffer: GPUBuffer, length: number, start = 0): Promise<Uint32Array> {
    return new Uint32Array(await this.gpu.queue.read(buffer, start * 4, length * 4));
  }

  /** Throws when WebGPU reported an error, then closes the device. */
  close(): void {
    const { uncaptured } = this.gpu;
    this.gpu.dispose();
    if (uncaptured.length > 0) throw new Error(uncaptured.join("\n"));
  }
}

/** `length` float32 numbers in [-1, 1), the same for the same seed. */
export function numbers(seed: number, length: number): Float32Array<ArrayBuffer> {
  let state = (seed * 2654435761 + 1) >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const mixed = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
    return ((mixed ^ (mixed >>> 13)) >>> 8) / 2 ** 23 - 1;
  });
}

/** Rows of `width` numbers, each padded by zeros to a multiple of four. */
export function padRows(values: ArrayLike<number>, width: number): Float32Array<ArrayBuffer> {
  const stride = Math.ceil(width / 4) * 4;
  const out = new Float32Array((values.length / width) * stride);
  for (let i = 0; i < values.length; i++) out[Math.floor(i / width) * stride + (i % width)] = values[i];
  return out;
}

/** The largest error in units of `tolerance × magnitude`: at most 1 passes. */
export function worst(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  bound: (index: number) => number,
): number {
  let max = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i] - expected[i]) / bound(i);
    // A NaN must fail, and comparisons with it are false.
    if (!(error <= max)) max = error;
  }
  return max;
}

/** The bits of a float32 as an unsigned integer. */
export const bits: (value: number) => number = floatBits;
