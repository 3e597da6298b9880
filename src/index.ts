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
export {
  type AdapterReport,
  adapter,
  type CostCurve,
  type DecoderInfo,
  type DeviceLimits,
  type DeviceReport,
  exportTuning,
  importTuning,
  type LoadProgress,
  type LoadTimes,
  listDecoders,
  type MeasureProgress,
  type Stats,
  setWorkerFactory,
  stats,
  type TuningRecord,
} from "./worker/client.js";
export type { Prompt, PromptItem, PromptSet } from "./vocabulary/prompt.js";
export type { TextReading } from "./runtime/job.js";
export type { GenerateOptions, LanguageModel, OptionsOf, RunOptions } from "./worker/language-model.js";
export { load } from "./worker/load.js";
export type { DecoderName, LoadOptions, MeasureOptions } from "./worker/model-options.js";
export type { RunEvent } from "./worker/run-events.js";
