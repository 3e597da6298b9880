/** Every error that Triptych throws on purpose; match on `code`, which is stable, or with `instanceof`. */
export {
  DeviceLostError,
  InvalidOptionError,
  InvariantError,
  ModelLoadError,
  NotFiniteError,
  OutOfMemoryError,
  TriptychError,
  UnsupportedDeviceError,
} from "./vocabulary/errors.js";
/** A run's events, the edits of a canvas that they carry, and the metrics that `done` ends with. */
export type {
  DoneEvent,
  FigureInfo,
  Edit,
  ErrorEvent,
  Fidelity,
  FinishReason,
  GenerationEvent,
  Law,
  LiveEvent,
  Metrics,
  Piece,
  RecoveringEvent,
  ResumedEvent,
  SlotId,
  SlotState,
  StartEvent,
  StepEvent,
  TokenId,
} from "./vocabulary/events.js";
/** The page's one worker: how it is made, what it runs on, what is alive in it, and which decoders it has. */
export {
  type AdapterReport,
  adapter,
  compareVocabularies,
  type CostCurve,
  type DecoderInfo,
  type DeviceLimits,
  type DeviceReport,
  exportTuning,
  importTuning,
  type LoadProgress,
  type LoadTimes,
  listDecoders,
  listPresets,
  type MeasureProgress,
  preset,
  readingOffers,
  type Stats,
  setDevice,
  setFilesFolder,
  setWorkerFactory,
  stats,
  type TuningRecord,
  type VocabularyReport,
} from "./worker/client.js";
/** Where a model runs, and why there. */
export type { DeviceName, ModelDevice } from "./vocabulary/device.js";
/** Models that run side by side, with bytes to fetch and memory by class. */
export type { Preset, PresetMemory, PresetModel, PresetRole } from "./vocabulary/presets.js";
/** Bytes that a model takes, by class. */
export type { MemoryByClass } from "./seam/memory.js";
/** A way to read a model whose folder doesn't say it. */
export type { ReadingOffer } from "./vocabulary/reading-offers.js";
/** What a run writes on from: a text, a list of texts, token ids and sets, or a chat. */
export type { Prompt, PromptItem, PromptSet } from "./vocabulary/prompt.js";
/** A chat as a prompt, and its messages. */
export type { Chat, ChatMessage, ChatPart, ChatReading } from "./vocabulary/chat.js";
/** How `tokenize` and `count` read a text. */
export type { TextReading } from "./runtime/job.js";
/** A loaded model, the options of its runs by decoder, and several turns with it. */
export type {
  ChatOptions,
  Conversation,
  GenerateOptions,
  LanguageModel,
  OptionsOf,
  RunOptions,
} from "./worker/language-model.js";
/** Loads a model folder on the page's one worker. */
export { load } from "./worker/load.js";
/** Models of other origins that this browser keeps: listed, fetched, removed; how their downloads go. */
export {
  type DownloadNews,
  fetchModel,
  keepModels,
  listModels,
  type ModelFiles,
  modelStorage,
  removeModel,
  type StorageReport,
  type StoredModel,
  useToken,
  watchDownloads,
} from "./worker/stored-models.js";
/** What `load` and `measure` take beside a model. */
export type { DecoderName, LoadOptions, MeasureOptions } from "./worker/model-options.js";
/** What a `for await` over a run yields. */
export type { RunEvent } from "./worker/run-events.js";
