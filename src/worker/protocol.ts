import type { DraftReading } from "../decode/decoder-info.js";
import type { Offers } from "../decode/offers.js";
import type { WireError } from "../vocabulary/errors.js";
import type { DoneEvent, ErrorEvent, StartEvent, StepEvent, TokenId } from "../vocabulary/events.js";
import type { CostCurve } from "../seam/cost-curve.js";
import type { LoadTimes } from "../backend/webgpu/load/load-times.js";
import type { MatmulFamilyName } from "../backend/webgpu/ops/variants.js";
import type { TextReading, TextTokens } from "../tokenizer/text-tokens.js";
import type { DeviceLimits } from "../backend/webgpu/tuning/device-limits.js";
import type { TuningRecord } from "../backend/webgpu/tuning/tuning-record.js";

/** Comlink hands over a thrown error without its class and `code`, so calls answer with one of these instead of throwing. */
export type Reply<T> = { ok: true; value: T } | { ok: false; error: WireError };

/** The calls a page makes; everything that streams goes over a transferred port. Model URLs are as `modelUrl` makes them. */
export interface WorkerApi {
  /** Opens the device if none is open. */
  adapter(): Promise<Reply<AdapterReport>>;
  /** Which options a run could have, with models that needn't be loaded. */
  offers(request: OffersRequest): Promise<Reply<Offers>>;
  /** Takes one reference to the model at `url`. `port`: `LoadMessage` out, `CancelMessage` in. */
  load(url: string, port: MessagePort): Promise<Reply<ModelInfo>>;
  /** Gives one reference back; the last one frees the model. */
  unload(url: string): Promise<Reply<null>>;
  /** Starts a run and returns its id at once. `port`: `RunMessage` out, `CancelMessage` in. */
  generate(request: GenerateRequest, port: MessagePort): Promise<Reply<number>>;
  /**
   * Limits of the device and costs of the forwards of the model at `url`, which must be loaded; measured once, unless
   * `again`. `port`: `MeasureMessage` out, `CancelMessage` in.
   */
  measure(url: string, again: boolean, port: MessagePort): Promise<Reply<DeviceReport>>;
  /** The tokens of a text as the model at `url` reads it, which must be loaded. */
  tokenize(url: string, text: string, how: TextReading): Promise<Reply<TextTokens>>;
  /** The text of ids of the model at `url`. */
  detokenize(url: string, ids: readonly TokenId[]): Promise<Reply<string>>;
  /** What has been measured of this device's matmul kernels; opens the device. */
  exportTuning(): Promise<Reply<TuningRecord>>;
  /** Adds the choices of such a record, which was made on an adapter like this one. */
  importTuning(record: unknown): Promise<Reply<null>>;
  stats(): Promise<Reply<WorkerStats>>;
}

/** Which adapter the worker runs on. */
export interface AdapterReport {
  vendor: string;
  architecture: string;
  description: string;
  /** A CPU that emulates a GPU: its times say nothing about GPUs. */
  isSoftware: boolean;
}

/** What was measured of the device, and of a model on it. */
export interface DeviceReport {
  adapter: AdapterReport;
  limits: DeviceLimits;
  /** v(M): what a forward of M rows costs, in forwards of one row. */
  costs: CostCurve;
}

/** How far a measurement has come. */
export interface MeasureProgress {
  numDone: number;
  numRows: number;
}

/** What a page may know of a loaded model. */
export interface ModelInfo {
  url: string;
  name: string;
  vocabSize: number;
  /** Longest sequence, in tokens. */
  maxLength: number;
  /** Bytes of its weights on the device. */
  gpuBytes: number;
  /** The family of matmul kernels it runs on. */
  kernels: MatmulFamilyName;
  /** Where the time of its load went. */
  load: LoadTimes;
}

/** One run: models by URL, options as the caller wrote them (the engine checks them). */
export interface GenerateRequest {
  model: string;
  draft?: string;
  decoder: string;
  prompt: string | readonly TokenId[];
  options: Record<string, unknown>;
}

/** What a person chooses from: options that are fixed, and those of `chosen`, which they may change. */
export interface OffersRequest {
  decoder: string;
  /** By URL: the model that writes, and what may draft or weigh for it, by how that reads. */
  model: string;
  drafts: Partial<Record<DraftReading, string>>;
  given: Record<string, unknown>;
  chosen: Record<string, unknown>;
}

/** What is alive in the worker now. */
export interface WorkerStats {
  devices: number;
  models: number;
  /** Sessions in use and kept for reuse. */
  sessions: number;
  runs: number;
  /** Bytes of all live buffers, by the arena's own ledger. */
  gpuBytes: number;
}

/** How far a load has come. `totalBytes` is null where the server doesn't say. */
export interface LoadProgress {
  loadedBytes: number;
  totalBytes: number | null;
}

/** Out of a load's port. */
export type LoadMessage = { type: "progress"; progress: LoadProgress };
/** Out of a measurement's port. */
export type MeasureMessage = { type: "progress"; progress: MeasureProgress };

/** Out of a run's port: batches of events, then exactly one `done` or `error`. */
export type RunMessage =
  | { type: "events"; events: (StartEvent | StepEvent)[] }
  | { type: "done"; event: DoneEvent }
  | { type: "error"; event: ErrorEvent };

/** Into the port of a load, a run or a measurement. */
export type CancelMessage = { type: "cancel" };
