export {
  DeviceLostError,
  InvalidOptionError,
  InvariantError,
  ModelLoadError,
  OutOfMemoryError,
  TriptychError,
  UnsupportedDeviceError,
} from "./errors.js";
export type {
  DoneEvent,
  Edit,
  ErrorEvent,
  Fidelity,
  FinishReason,
  GenerationEvent,
  Metrics,
  Piece,
  SlotId,
  SlotState,
  StartEvent,
  StepEvent,
  TokenId,
} from "./events.js";
export {
  type AdapterReport,
  adapter,
  type DecoderInfo,
  type LoadProgress,
  type LoadTimes,
  listDecoders,
  type Stats,
  setWorkerFactory,
  stats,
} from "./worker/client.js";
export {
  type GenerateOptions,
  type LanguageModel,
  type LoadOptions,
  load,
  type RunEvent,
} from "./worker/language-model.js";
