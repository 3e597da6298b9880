/** One generation, as the page saw it: the clock starts at the call and all times are of the page. */
export interface Sample {
  ids: number[];
  timeToFirstTokenMs: number;
  totalMs: number;
  /** Decode rate (see `decodeRate`). */
  tokensPerSecond: number;
  /** The same by the worker's own clock, where there is a worker. */
  workerTokensPerSecond?: number;
}

/** A runtime with a loaded model. */
export interface Contender {
  generate(promptIds: readonly number[], numNewTokens: number): Promise<Sample>;
}

/** What to load. `url`: a model folder below the page's origin. */
export type ContenderSpec =
  | { runtime: "triptych"; url: string }
  | { runtime: "transformers.js"; url: string; device: "wasm" | "webgpu" };

/** What the page offers to the process that drives it. */
export interface BenchPage {
  /** Loads a contender under a name of the caller's; resolves with the milliseconds it took. */
  load(name: string, spec: ContenderSpec): Promise<number>;
  generate(name: string, promptIds: readonly number[], numNewTokens: number): Promise<Sample>;
  facts(): Promise<PageFacts>;
}

/** What the browser says of itself. */
export interface PageFacts {
  adapter: Record<string, unknown>;
  isIsolated: boolean;
  isVisible: boolean;
}

declare global {
  interface Window {
    bench: BenchPage;
  }
}
