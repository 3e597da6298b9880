// Over 300 lines: the page's whole side of the protocol, with every call that a page may make.
import { type Remote, transfer, wrap } from "comlink";
import type { DecoderInfo } from "../decode/decoder-info.js";
import { fromWire, InvalidOptionError, TriptychError, UnsupportedDeviceError } from "../vocabulary/errors.js";
import type { DoneEvent, GenerationEvent, TokenId } from "../vocabulary/events.js";
import type {
  AdapterReport,
  DeviceReport,
  Job,
  MeasureProgress,
  ModelInfo,
  PlanRequest,
  RunPlan,
  RuntimeStats,
} from "../runtime/job.js";
import { type ModelRef, refOfUrl, withoutUnset } from "../runtime/model-ref.js";
import type { Progress } from "../format/source.js";
import type { TextReading, TextTokens } from "../tokenizer/text-tokens.js";
import type { TuningRecord } from "../backend/webgpu/tuning/tuning-record.js";
import type { CancelMessage, LoadMessage, MeasureMessage, Reply, RunMessage, WorkerApi } from "./protocol.js";

export type { LoadTimes } from "../backend/webgpu/load/load-times.js";
export type { TuningRecord } from "../backend/webgpu/tuning/tuning-record.js";
export type { Offers } from "../decode/offers.js";
export { type CostCurve, costOfRows, curveOf, draftingCost } from "../seam/cost-curve.js";
export type { DeviceLimits } from "../backend/webgpu/tuning/device-limits.js";
export type { DecoderInfo } from "../decode/decoder-info.js";
export type { Progress as LoadProgress } from "../format/source.js";
export type {
  AdapterReport,
  DeviceReport,
  Job,
  MeasureProgress,
  ModelInfo,
  PlanRequest,
  RunPlan,
  RuntimeStats,
} from "../runtime/job.js";
export { keyOf, type ModelRef } from "../runtime/model-ref.js";
export type { Preferences } from "../decode/casting.js";

/** The parts of `Worker` that are used; a `MessagePort` serves as well. */
export type WorkerLike = Pick<Worker, "postMessage" | "addEventListener" | "removeEventListener"> & {
  terminate?(): void;
};

/** What is alive on this page. */
export interface Stats extends RuntimeStats {
  workers: number;
}

/** A run that has been sent to the worker. */
export interface RunHandle {
  /** Resolves with the last event; rejects with the run's error. */
  done: Promise<DoneEvent>;
  /** Ends the run early; `done` still arrives, with reason `cancelled`. */
  cancel(): void;
}

interface Connection {
  worker: WorkerLike;
  broken: Promise<never>;
}

interface Shared {
  connection: Promise<Connection> | null;
  workers: number;
  factory: (() => WorkerLike | Promise<WorkerLike>) | null;
}

// On the global object and not in this module: two bundles on one page must still share one worker.
const KEY = Symbol.for("triptych-lm/worker/3");
const scope = globalThis as typeof globalThis & { [KEY]?: Shared };

function shared(): Shared {
  scope[KEY] ??= { connection: null, workers: 0, factory: null };
  return scope[KEY];
}

/**
 * Replaces how the page's one worker is made, for pages whose content security policy forbids `blob:` workers:
 * `setWorkerFactory(() => new Worker(url, { type: "module" }))` with the URL of `triptych-lm/worker`.
 * Call it before the first `load`; it throws once the worker runs.
 */
export function setWorkerFactory(factory: () => WorkerLike | Promise<WorkerLike>): void {
  if (shared().connection) {
    throw new TriptychError("worker_started", "setWorkerFactory() came after the worker had started. Call it first.");
  }
  shared().factory = factory;
}

/** Throws `UnsupportedDeviceError` where a page's worker can't be, as on a server that imports a page's modules. */
export function checkPlace(): void {
  if (typeof Worker === "function" || shared().factory) return;
  throw new UnsupportedDeviceError(
    "Models run in a browser's worker, and there is no Worker here. In Node use the command line: npx triptych run " +
      "--model DIR --prompt TEXT, with the package webgpu installed. On a server that renders pages, call this in the browser only.",
  );
}

const WORKER_ADVICE =
  "If this page's content security policy forbids blob: workers or requires Trusted Types, serve triptych-lm/worker " +
  "from your own origin and name it with setWorkerFactory(), as a TrustedScriptURL where those are required.";

async function inlineWorker(): Promise<WorkerLike> {
  const { default: InlineWorker } = await import("./worker.ts?worker&inline");
  return new InlineWorker({ name: "triptych" });
}

async function startWorker(factory: Shared["factory"]): Promise<WorkerLike> {
  checkPlace();
  try {
    return await (factory ?? inlineWorker)();
  } catch (error) {
    if (error instanceof TriptychError) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw new TriptychError("worker_failed", `The worker couldn't be started: ${detail} ${WORKER_ADVICE}`);
  }
}

function connect(): Promise<Connection> {
  const state = shared();
  state.connection ??= (async () => {
    const worker = await startWorker(state.factory);
    state.workers++;
    const broken = new Promise<never>((_, reject) => {
      worker.addEventListener("error", (event) => {
        // The next call starts a new worker.
        state.connection = null;
        state.workers--;
        worker.terminate?.();
        const detail = "message" in event && event.message ? `: ${String(event.message)}` : "";
        reject(new TriptychError("worker_failed", `The worker stopped${detail}. ${WORKER_ADVICE}`));
      });
    });
    broken.catch(() => {});
    return { worker, broken };
  })().catch((error: unknown) => {
    state.connection = null;
    throw error;
  });
  return state.connection;
}

/** This bundle's own: what one bundle's comlink transfers, another's proxy would clone. */
const apis = new WeakMap<WorkerLike, Remote<WorkerApi>>();

function apiOf(worker: WorkerLike): Remote<WorkerApi> {
  const api = apis.get(worker) ?? wrap<WorkerApi>(worker);
  apis.set(worker, api);
  return api;
}

async function call<T>(send: (api: Remote<WorkerApi>) => Promise<Reply<T>>): Promise<T> {
  const { worker, broken } = await connect();
  const reply = await Promise.race([send(apiOf(worker)), broken]);
  if (reply.ok) return reply.value;
  throw fromWire(reply.error);
}

/**
 * A model by its folder's URL, relative ones the page's, and how to load it: the identity of its one copy. A fragment
 * `#context=512&weights=q8&head=URL&adapter=URL&block_length=full&tune=true` of the URL holds load options, where those of `options`
 * don't say otherwise.
 */
export function modelRef(url: string | URL, options: Omit<ModelRef, "url"> = {}): ModelRef {
  return { ...refOfUrl(modelUrl(url), modelUrl), ...withoutUnset({ ...options, url: undefined }) };
}

/** The absolute URL of a folder, with a final slash. Throws `InvalidOptionError`. */
export function modelUrl(url: string | URL): string {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  if (!URL.canParse(url, base)) {
    throw new InvalidOptionError(`The model address ${JSON.stringify(String(url))} isn't a URL. Give a folder's URL.`);
  }
  const absolute = new URL(url, base);
  if (!absolute.pathname.endsWith("/")) absolute.pathname += "/";
  return absolute.href;
}

/**
 * Which matmul kernels were measured to be fastest on this device, by the shapes of models: plain JSON for
 * `importTuning` on another page or machine with such an adapter. Measured by `load(url, { tune: true })`.
 */
export function exportTuning(): Promise<TuningRecord> {
  return call((api) => api.exportTuning());
}

/**
 * Takes over a record of `exportTuning`; models loaded from now on use its choices. Throws `InvalidOptionError` for a
 * record of another adapter or other kernels.
 */
export async function importTuning(record: unknown): Promise<void> {
  await call((api) => api.importTuning(record));
}

/** Which adapter the worker runs on; opens its device. */
export function adapter(): Promise<AdapterReport> {
  return call((api) => api.adapter());
}

/** All decoders with their option tables. Starts nothing. */
export async function listDecoders(): Promise<readonly DecoderInfo[]> {
  const { decoderInfos } = await import("./decoder-list.js");
  return decoderInfos;
}

/**
 * Which models at hand a decoder would run with, which options and values it could have, and why not the others; reads the models'
 * configs unless they are loaded.
 */
export function planOf(request: PlanRequest): Promise<RunPlan> {
  return call((api) => api.plan(request)).catch((error: Error) => {
    throw asPlainData(error);
  });
}

/** What can't leave the page is the caller's: an `InvalidOptionError`; any other error stays as it is. */
function asPlainData(error: Error): Error {
  if (error.name !== "DataCloneError") return error;
  return new InvalidOptionError(`Prompt and options must be plain data, which this isn't: ${error.message}`);
}

/** What is alive on this page: workers, devices, models, sessions, runs, bytes. */
export async function stats(): Promise<Stats> {
  const { workers, connection } = shared();
  const idle: RuntimeStats = { devices: 0, models: 0, sessions: 0, runs: 0, gpuBytes: 0 };
  return { workers, ...(connection ? await call((api) => api.stats()) : idle) };
}

/** Takes a reference to a model; pair it with `releaseModel`. */
export async function takeModel(
  ref: ModelRef,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (progress: Progress) => void } = {},
): Promise<ModelInfo> {
  return callOverPort<LoadMessage, ModelInfo>(
    (api, port) => api.load(ref, port),
    ({ progress }) => onProgress?.(progress),
    signal,
  );
}

/** A call that reports over a port, and ends early when `signal` aborts, with its reason. */
async function callOverPort<Message, T>(
  send: (api: Remote<WorkerApi>, port: MessagePort) => Promise<Reply<T>>,
  onMessage: (message: Message) => void,
  signal: AbortSignal | undefined,
): Promise<T> {
  signal?.throwIfAborted();
  const { port1: port, port2 } = new MessageChannel();
  port.onmessage = ({ data }: MessageEvent<Message>) => onMessage(data);
  const onAbort = () => port.postMessage({ type: "cancel" } satisfies CancelMessage);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await call((api) => send(api, transfer(port2, [port2])));
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    port.close();
  }
}

/** Measures the device and the forwards of a loaded model; a second call for the same model answers at once, unless `again`. */
export function measureModel(
  ref: ModelRef,
  {
    signal,
    onProgress,
    again = false,
  }: { signal?: AbortSignal; onProgress?: (progress: MeasureProgress) => void; again?: boolean } = {},
): Promise<DeviceReport> {
  return callOverPort<MeasureMessage, DeviceReport>(
    (api, port) => api.measure(ref, again, port),
    ({ progress }) => onProgress?.(progress),
    signal,
  );
}

/** The tokens of a text as a loaded model reads it. */
export function tokenizeText(ref: ModelRef, text: string, how: TextReading): Promise<TextTokens> {
  return call((api) => api.tokenize(ref, text, how));
}

/** The text of a loaded model's ids. */
export function detokenizeIds(ref: ModelRef, ids: readonly TokenId[]): Promise<string> {
  return call((api) => api.detokenize(ref, ids));
}

/** Gives a reference back. */
export async function releaseModel(ref: ModelRef): Promise<void> {
  await call((api) => api.unload(ref));
}

/** Starts a run. `onEvents` gets every event, the last one included, in batches as they come. */
export function startRun(job: Job, onEvents: (events: GenerationEvent[]) => void): RunHandle {
  const { port1: port, port2 } = new MessageChannel();
  const done = new Promise<DoneEvent>((resolve, reject) => {
    port.onmessage = ({ data }: MessageEvent<RunMessage>) => {
      onEvents(data.type === "events" ? data.events : [data.event]);
      if (data.type === "done") resolve(data.event);
      if (data.type === "error") reject(fromWire(data.event));
    };
    connect().then(({ broken }) => broken.catch(reject), reject);
    call((api) => api.generate(job, transfer(port2, [port2]))).catch((error: Error) => {
      reject(asPlainData(error));
    });
  }).finally(() => port.close());
  return { done, cancel: () => port.postMessage({ type: "cancel" } satisfies CancelMessage) };
}
