import type { LoadOptions } from "../../src/index.js";
import type { Metrics } from "../../src/vocabulary/events.js";

/** One generation, as the page saw it: the clock starts at the call and all times are of the page. */
export interface Sample {
  ids: number[];
  timeToFirstTokenMs: number;
  totalMs: number;
  /** Decode rate (see `decodeRate`). */
  tokensPerSecond: number;
  /** The same by the worker's own clock, where there is a worker. */
  workerTokensPerSecond?: number;
  /** What the run did, where the runtime counts it. */
  counts?: Pick<Metrics, "forwards" | "draftForwards" | "waits" | "proposed" | "accepted">;
  /** Plain decoding's time by this run's, as its own counts and costs have it. */
  predicted?: number;
  /** The most that these counts allow by the costs that were measured on this page, if nothing was waited for. */
  largest?: number;
  /** What it chose draft lengths by, in forwards of one row, where it did. */
  costs?: DraftingCosts;
}

/** Costs that a run tells when it starts. */
export interface DraftingCosts {
  /** By rows. */
  forward: Readonly<Record<string, number>>;
  /** Of a draft model's forward; null without one. */
  draft: number | null;
  /** Of waiting for a result. */
  wait: number;
}

/** How Triptych decodes, as its `generate` takes it; the others are autoregressive and greedy. */
export type Sampling = Readonly<Record<string, number | string | Readonly<Record<string, number>>>>;

/** Where Triptych is told to compute. */
export type TriptychDevice = NonNullable<LoadOptions["device"]>;

/** A runtime with a loaded model. */
export interface Contender {
  /** Where it computes, and why there, if it chose. */
  device?: string;
  generate(promptIds: readonly number[], numNewTokens: number, sampling?: Sampling): Promise<Sample>;
}

/** What to load. `url`: a model's folder or file below the page's origin. A runtime's thread count is fixed per page. */
export type ContenderSpec =
  | { runtime: "triptych"; url: string; draftUrl?: string; device?: TriptychDevice }
  | { runtime: "transformers.js" | "onnxruntime-web"; url: string; device: "wasm" | "webgpu"; numThreads: number }
  | { runtime: "wllama"; url: string; tokenizerUrl: string; numThreads: number };

/** What a page does by itself as soon as it runs, when its address says so. */
export interface ColdRequest {
  spec: ContenderSpec;
  promptIds: readonly number[];
}

/** A page's way to its first token; both times begin at the navigation. */
export interface ColdStart {
  loadedMs: number;
  firstTokenMs: number;
  /** Of a contender that chose it. */
  device?: string;
}

/** What the page offers to the process that drives it. */
export interface BenchPage {
  /** Loads a contender under a name of the caller's; resolves with the milliseconds it took. */
  load(name: string, spec: ContenderSpec): Promise<number>;
  generate(name: string, promptIds: readonly number[], numNewTokens: number, sampling?: Sampling): Promise<Sample>;
  adapter(): Promise<Record<string, unknown>>;
  /** Null unless the page was opened for it. */
  coldStart: Promise<ColdStart> | null;
}

declare global {
  interface Window {
    bench: BenchPage;
  }
}
