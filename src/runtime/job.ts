import type { MemoryByClass } from "../seam/memory.js";
import type { Rounding } from "../seam/rounding.js";
import type { Casting, Preferences } from "../decode/casting.js";
import type { Offers } from "../decode/offers.js";
import type { OptionValues } from "../decode/options.js";
import type { Prompt } from "../vocabulary/prompt.js";
import type { CostCurve } from "../seam/cost-curve.js";
import type { GenerationDefaults } from "../seam/generation-defaults.js";
import type { LoadTimes } from "../backend/webgpu/load/load-times.js";
import type { MatmulFamilyName } from "../backend/webgpu/ops/variants.js";
import type { KernelTime } from "../backend/webgpu/gpu/profile-kernels.js";
import type { DeviceLimits } from "../backend/webgpu/tuning/device-limits.js";
import type { ModelDevice } from "../vocabulary/device.js";
import type { Edit, SlotId, TokenId } from "../vocabulary/events.js";
import type { ModelRef } from "./model-ref.js";

/** A decoder as plain data: what to call it and which options it takes. */
export type { DecoderInfo } from "../decode/decoder-info.js";
/** A method, and a figure of it that was recorded. */
export type { Method, MethodFigure } from "../decode/methods.js";
/** Which options and values of a decoder the models at hand allow. */
export type { Offers } from "../decode/offers.js";
/** Defaults of options that a model brings, as its generation_config.json has them. */
export type { GenerationDefaults } from "../seam/generation-defaults.js";
/** How far two orders of a prompt are apart, as sets and as plain text. */
export type { OrdersApart } from "../decode/orders-apart.js";
/** Which models are tried first for which part of a run. */
export type { Preferences } from "../decode/casting.js";
/** Where the time of a load went. */
export type { LoadTimes } from "../backend/webgpu/load/load-times.js";
/** What one kernel took. */
export type { KernelTime } from "../backend/webgpu/gpu/profile-kernels.js";
/** What a device does at best. */
export type { DeviceLimits } from "../backend/webgpu/tuning/device-limits.js";
/** Which matmul kernels were fastest on an adapter: JSON that another page or machine takes. */
export type { TuningRecord } from "../backend/webgpu/tuning/tuning-record.js";
/** How far a file of a load has come. */
export type { Progress as LoadProgress } from "../format/source.js";
/** How a text is read, and the tokens that it is read as. */
export type { TextReading, TextTokens } from "../tokenizer/text-tokens.js";
/** Whether models share a vocabulary. */
export type { VocabularyReport } from "./vocabularies.js";

/** One run as plain data. Options are as the caller wrote them. */
export interface Job {
  model: ModelRef;
  draft?: ModelRef;
  decoder: string;
  prompt: Prompt;
  options: Record<string, unknown>;
  /** Where costs that its options go by would take longer to measure, the run is refused with the code `slow_costs`; left out: it waits for them. */
  mostMeasuringMs?: number;
  /** Turns of one conversation keep their sessions from one to the next, whatever other runs there are between: the name of it. */
  conversation?: string;
  /** On sessions of its own, which aren't kept: what an earlier run has read counts for nothing. */
  isAlone?: boolean;
  /** The options as `Runtime.check` has read them; left out: the run reads them itself. */
  parsed?: OptionValues;
}

/** What a person chooses from: models at hand, options that are fixed, and those of `chosen`, which they may change. */
export interface PlanRequest {
  decoder: string;
  /** By name; they needn't be loaded. */
  models: Readonly<Record<string, ModelRef>>;
  /** Which of them is tried first for which part. */
  prefer: Preferences;
  given: Record<string, unknown>;
  chosen: Record<string, unknown>;
  /** Options that hold for other runs as well: this one takes those that its decoder can have. */
  inherited?: Record<string, unknown>;
  /** Who is cast is all that is asked: `closed` and `values` stay empty. */
  isBrief?: boolean;
}

/** What a decoder needs of the models at hand, and what it can do with them. */
export interface RunPlan extends Offers {
  /** Which model takes which part; null where none at hand can, and `refusal` says what is missing. */
  roles: Casting["roles"] | null;
  fidelity: Casting["fidelity"];
  /** Inherited options that the run does without, with the reason. */
  leftOut: Record<string, string>;
}

/** Which adapter the runtime is on. */
export interface AdapterReport {
  /** As `GPUAdapterInfo` has them, empty where the browser doesn't say. */
  vendor: string;
  architecture: string;
  description: string;
  /** A CPU that emulates a GPU: its times say nothing about GPUs. */
  isSoftware: boolean;
}

/** What was measured of the device, and of a model on it. */
export interface DeviceReport {
  adapter: AdapterReport;
  /** Null on a device whose kernels aren't Triptych's. */
  limits: DeviceLimits | null;
  /** v(M): what a forward of M rows costs, in forwards of one row. */
  costs: CostCurve;
  /** GPU time by kernel of a forward of one row, each dispatch timed by itself, largest first; null where the device can't tell. */
  kernels: readonly KernelTime[] | null;
}

/** How far a measurement has come. */
export interface MeasureProgress {
  /** Numbers of rows that are timed. */
  numDone: number;
  /** All that are asked for. */
  numRows: number;
}

/** What may be known of a loaded model. */
export interface ModelInfo {
  /** How it was loaded. */
  ref: ModelRef;
  /** Its folder, with a final slash. */
  url: string;
  /** What labels and messages call it: the last part of its URL. */
  name: string;
  /** Token ids are from 0 to one below it. */
  vocabSize: number;
  /** Longest sequence, in tokens. */
  maxLength: number;
  /** Bytes of its weights on the device, which may be the CPU. */
  gpuBytes: number;
  /** How its weights were rounded at load, with `weights: "auto"` as well; null: they are as stored. */
  weights: Rounding | null;
  /** Bytes by class, counted; those of ONNX Runtime's devices hold no more than their weights that can be told. */
  memory: MemoryByClass;
  /** Where it runs, and why there. */
  device: ModelDevice;
  /** The family of matmul kernels it runs on; null where none are chosen. */
  kernels: MatmulFamilyName | null;
  /** Where the time of its load went. */
  load: LoadTimes;
  /** What its generation_config.json says, by the names of the options. */
  generation: Partial<GenerationDefaults>;
}

/** What is alive in the runtime now. */
export interface RuntimeStats {
  /** Open ones. */
  devices: number;
  /** Loaded ones, each once. */
  models: number;
  /** Sessions in use and kept for reuse. */
  sessions: number;
  /** Under way or waiting for their turn. */
  runs: number;
  /** Bytes of all live buffers on `webgpu`, and of loaded weights on ONNX Runtime's devices: on `wasm` and `node` these are in the CPU's memory. */
  gpuBytes: number;
}

/** A place in a text that a run wrote, whose law is asked for. */
export interface LawQuestion {
  decoder: string;
  /** Every option, as the run's `start` says. */
  options: Record<string, unknown>;
  /** What the run wrote on from. */
  prompt: Prompt;
  /** Edits before the step that wrote there, the prompt's first. */
  before: readonly Edit[];
  /** Those of that step; none: the law is asked for as the text stands. */
  step: readonly Edit[];
  slot: SlotId;
}

/** The model's own law at a place of a text: no temperature, filter, penalty, bias or correction changes it. */
export interface TokenLaw {
  entropyNats: number;
  /** The five likeliest tokens, the likeliest first. */
  top: readonly { token: TokenId; text: string; probability: number }[];
  /** Probability of the token that the step wrote there; null where it wrote none. */
  written: number | null;
}
