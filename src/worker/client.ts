// The page's side of the protocol: every call that a page may make, and the types that it meets.
import type { Job } from "../runtime/job.js";
import { fromWire } from "../vocabulary/errors.js";
import type { DoneEvent, GenerationEvent } from "../vocabulary/events.js";
import { call, connect, underWay } from "./connection.js";
import { asPlainData } from "./plain-data.js";
import type { CancelMessage, RunMessage } from "./protocol.js";

/** What calls to the worker take and give, as plain data. */
export type {
  AdapterReport,
  DecoderInfo,
  DeviceLimits,
  DeviceReport,
  GenerationDefaults,
  KernelTime,
  Job,
  LawQuestion,
  LoadProgress,
  LoadTimes,
  MeasureProgress,
  ModelInfo,
  Offers,
  OrdersApart,
  PlanRequest,
  Preferences,
  RunPlan,
  RuntimeStats,
  TokenLaw,
  TuningRecord,
  VocabularyReport,
} from "../runtime/job.js";
/** A model to load and how, and the key by which two such refs are one model. */
export { keyOf, type ModelRef } from "../runtime/model-ref.js";
/** What forwards cost by their rows: the measured curve, and reading it. */
export { type CostCurve, costOfRows, curveOf, draftingCost } from "../seam/cost-curve.js";
/** Bytes of a model by class, and all that it holds once it writes. */
export { heldBytes, type MemoryByClass } from "../seam/memory.js";
/** All decoders with their option tables; no worker is started for them. */
export { listDecoders } from "./decoders.js";
/** All methods with what is told of them; no worker is started for them. */
export { listMethods } from "./methods.js";
/** A method as a page shows it. */
export type { MethodInfo } from "./method-list.js";
/** A model ref of a folder's URL and load options, and that URL made absolute. */
export { modelRef, modelUrl } from "./model-url.js";
/** Calls about the adapter and about models: which it is, take, measure, release. */
export { adapter, measureModel, releaseModel, takeModel } from "./models.js";
/** Which models a decoder would run with, which options it could have, and why not the others. */
export { planOf } from "./plan.js";
/** What is alive on this page. */
export { type Stats, stats } from "./stats.js";
/** How far two orders of a prompt are apart on a loaded model. */
export { ordersApart } from "./orders.js";
/** The model's law at a place of a text that it wrote. */
export { lawOf } from "./law.js";
/** Models that run side by side, with what each fetches and takes; and how a model may read whose folder doesn't say it. */
export { listPresets, preset, readingOffers } from "./presets.js";
/** A way to read a model whose folder does not say it. */
export type { ReadingOffer } from "../vocabulary/reading-offers.js";
/** Whether models share a vocabulary, as those of a trio must. */
export { compareVocabularies } from "./vocabularies.js";
/** Records of measured matmul kernels: out of this page, and into it. */
export { exportTuning, importTuning } from "./tuning.js";
/** What a page may say of its models and files before the first load. */
export { setDevice, setFilesFolder } from "./page-words.js";
/** How the page's one worker is made, and whether one can be here. */
export { checkPlace, setWorkerFactory, type WorkerLike } from "./worker-place.js";

/** A run that has been sent to the worker. */
export interface RunHandle {
  /** Resolves with the last event; rejects with the run's error. */
  done: Promise<DoneEvent>;
  /** Ends the run early; `done` still arrives, with reason `cancelled`. */
  cancel(): void;
}

/** Starts a run. `onEvents` gets every event, the last one included, in batches as they come. */
export function startRun(job: Job, onEvents: (events: GenerationEvent[]) => void): RunHandle {
  const { port1: port, port2 } = new MessageChannel();
  const end = underWay();
  const done = new Promise<DoneEvent>((resolve, reject) => {
    port.onmessage = ({ data }: MessageEvent<RunMessage>) => {
      onEvents(data.type === "events" ? data.events : [data.event]);
      if (data.type === "done") resolve(data.event);
      if (data.type === "error") reject(fromWire(data.event));
    };
    connect().then(({ broken }) => broken.catch(reject), reject);
    call((api, handOver) => api.generate(job, handOver(port2))).catch((error: Error) => {
      reject(asPlainData(error));
    });
  }).finally(() => {
    port.close();
    end();
  });
  return { done, cancel: () => port.postMessage({ type: "cancel" } satisfies CancelMessage) };
}
