import type { ModelSource } from "../../../format/source.js";

/** Where the time of a load went, in milliseconds that add up to it: phases that overlap count once, for the first. */
export interface LoadTimes {
  /** Reading files, over the network or from a cache. */
  fetchMs: number;
  /** Config, tokenizer, and checking the tensors. */
  parseMs: number;
  /** Timing matmul kernels on this device, where that was asked for. */
  tuneMs: number;
  /** Laying out weights and handing them to the device. */
  uploadMs: number;
  /** Waiting for pipelines after that; they compile meanwhile. */
  compileMs: number;
}

/** A stopwatch that gives every moment to one phase, or to none. */
export class LoadClock {
  readonly times: LoadTimes = { fetchMs: 0, parseMs: 0, tuneMs: 0, uploadMs: 0, compileMs: 0 };
  private phase: keyof LoadTimes | null = "parseMs";
  private sinceMs: number;

  constructor(private readonly clock: () => number = () => performance.now()) {
    this.sinceMs = clock();
  }

  /** Gives the time since the last call to the phase so far, and what follows to `phase`; null stops the watch. */
  enter(phase: keyof LoadTimes | null): void {
    const nowMs = this.clock();
    if (this.phase) this.times[this.phase] += nowMs - this.sinceMs;
    this.sinceMs = nowMs;
    this.phase = phase;
  }

  /** Gives the time of a wait for files to `fetchMs`. Waits must not overlap. */
  readonly fetching = async <T>(wait: () => Promise<T>): Promise<T> => {
    const { phase } = this;
    this.enter("fetchMs");
    try {
      return await wait();
    } finally {
      this.enter(phase);
    }
  };

  /** The source, each of whose reads is waited for. */
  timed(source: ModelSource): ModelSource {
    const { fetching } = this;
    const open = source.checkpoint?.bind(source);
    return {
      url: source.url,
      has: (name, signal) => fetching(() => source.has(name, signal)),
      json: (name, signal) => fetching(() => source.json(name, signal)),
      bytes: (name, onProgress, signal) => fetching(() => source.bytes(name, onProgress, signal)),
      file: async (name, signal) => {
        const file = await fetching(() => source.file(name, signal));
        return {
          byteLength: file.byteLength,
          read: (begin, end, own) => fetching(() => file.read(begin, end, own)),
          close: () => file.close(),
        };
      },
      checkpoint: open && ((reading) => fetching(() => open(reading))),
    };
  }
}
