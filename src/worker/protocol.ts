import type { Chat } from "../vocabulary/chat.js";
import type { WireError } from "../vocabulary/errors.js";
import type { DoneEvent, ErrorEvent, LiveEvent, TokenId } from "../vocabulary/events.js";
import type {
  AdapterReport,
  DeviceReport,
  Job,
  LawQuestion,
  LoadProgress,
  MeasureProgress,
  ModelInfo,
  OrdersApart,
  PlanRequest,
  RunPlan,
  RuntimeStats,
  TextReading,
  TextTokens,
  TokenLaw,
  TuningRecord,
  VocabularyReport,
} from "../runtime/job.js";
import type { StoredOrder } from "../runtime/stored-orders.js";
import type { PlainPrompt } from "../vocabulary/prompt.js";
import type { ModelRef } from "../runtime/model-ref.js";

/** Comlink hands over a thrown error without its class and `code`, so calls answer with one of these instead of throwing. */
export type Reply<T> = { ok: true; value: T } | { ok: false; error: WireError };

/** What a page may say before its worker starts. */
export interface PageWords {
  /** The folder of the page's scripts, for what the worker fetches later. */
  files: string;
  /** The page has named that folder itself. */
  isNamed: boolean;
  /** The device of models that don't name one. */
  device: string;
}

/** The calls a page makes; everything that streams goes over a transferred port. */
export interface WorkerApi {
  /** What the page has said of its worker; comes first, and is answered by nothing. */
  begin(said: PageWords): void;
  /** Opens WebGPU's device if it isn't open. */
  adapter(): Promise<Reply<AdapterReport>>;
  /** What a decoder needs of the models at hand, which needn't be loaded, and which options a run could have. */
  plan(request: PlanRequest): Promise<Reply<RunPlan>>;
  /** Takes one reference to a model, and loads it if it isn't there. `port`: `LoadMessage` out, `CancelMessage` in. */
  load(ref: ModelRef, port: MessagePort): Promise<Reply<ModelInfo>>;
  /** Gives one reference back; the last one frees the model. */
  unload(ref: ModelRef): Promise<Reply<null>>;
  /** Starts a run and returns its id at once. `port`: `RunMessage` out, `CancelMessage` in. */
  generate(job: Job, port: MessagePort): Promise<Reply<number>>;
  /**
   * Limits of the device and costs of the forwards of a model, which must be loaded; measured once, unless
   * `again`. `port`: `MeasureMessage` out, `CancelMessage` in.
   */
  measure(ref: ModelRef, again: boolean, port: MessagePort): Promise<Reply<DeviceReport>>;
  /** The tokens of a text or a chat as a model reads it, which must be loaded. */
  tokenize(ref: ModelRef, text: string | Chat, how: TextReading): Promise<Reply<TextTokens>>;
  /** How far two orders of a prompt are apart on a model, which must be loaded. */
  ordersApart(ref: ModelRef, prompts: readonly [PlainPrompt, PlainPrompt]): Promise<Reply<OrdersApart>>;
  /** Entropy and likeliest tokens at a place of a text that a model wrote, which must be loaded. `port`: `CancelMessage` in. */
  lawOf(ref: ModelRef, question: LawQuestion, port: MessagePort): Promise<Reply<TokenLaw>>;
  /** Whether each other model shares the first one's vocabulary; none needs to be loaded. */
  vocabularies(refs: readonly ModelRef[]): Promise<Reply<VocabularyReport[]>>;
  /** The text of a model's ids. */
  detokenize(ref: ModelRef, ids: readonly TokenId[]): Promise<Reply<string>>;
  /** What has been measured of this device's matmul kernels; opens the device. */
  exportTuning(): Promise<Reply<TuningRecord>>;
  /** Adds the choices of such a record, which was made on an adapter like this one. */
  importTuning(record: unknown): Promise<Reply<null>>;
  stats(): Promise<Reply<RuntimeStats>>;
  /** Whether the worker has loaded models and holds none any more, nor anything else that would be lost with it; answered once it does nothing. */
  isSpare(): Promise<Reply<boolean>>;
  /** What a page asks of the models that are kept. `port`: `StoredNews` out, `CancelMessage` in. */
  stored(order: StoredOrder, port: MessagePort): Promise<Reply<unknown>>;
}

/** Out of a load's port. */
export type LoadMessage = { type: "progress"; progress: LoadProgress };
/** Out of a measurement's port. */
export type MeasureMessage = { type: "progress"; progress: MeasureProgress };

/** Out of a run's port: batches of events, then exactly one `done` or `error`. */
export type RunMessage =
  | { type: "events"; events: LiveEvent[] }
  | { type: "done"; event: DoneEvent }
  | { type: "error"; event: ErrorEvent };

/** Into the port of a load, a run or a measurement. */
export type CancelMessage = { type: "cancel" };
