import type { Casting, Preferences } from "../decode/casting.js";
import type { Offers } from "../decode/offers.js";
import type { OptionValues } from "../decode/options.js";
import type { Prompt } from "../vocabulary/prompt.js";
import type { CostCurve } from "../seam/cost-curve.js";
import type { GenerationDefaults } from "../seam/generation-defaults.js";
import type { LoadTimes } from "../backend/webgpu/load/load-times.js";
import type { MatmulFamilyName } from "../backend/webgpu/ops/variants.js";
import type { DeviceLimits } from "../backend/webgpu/tuning/device-limits.js";
import type { ModelRef } from "./model-ref.js";

export type { DecoderInfo } from "../decode/decoder-info.js";
export type { Offers } from "../decode/offers.js";
export type { GenerationDefaults } from "../seam/generation-defaults.js";
export type { OrdersApart } from "../decode/orders-apart.js";
export type { Preferences } from "../decode/casting.js";
export type { LoadTimes } from "../backend/webgpu/load/load-times.js";
export type { DeviceLimits } from "../backend/webgpu/tuning/device-limits.js";
export type { TuningRecord } from "../backend/webgpu/tuning/tuning-record.js";
export type { Progress as LoadProgress } from "../format/source.js";
export type { TextReading, TextTokens } from "../tokenizer/text-tokens.js";

/** One run as plain data. Options are as the caller wrote them. */
export interface Job {
  model: ModelRef;
  draft?: ModelRef;
  decoder: string;
  prompt: Prompt;
  options: Record<string, unknown>;
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

/** What may be known of a loaded model. */
export interface ModelInfo {
  /** How it was loaded. */
  ref: ModelRef;
  url: string;
  name: string;
  vocabSize: number;
  /** Longest sequence, in tokens. */
  maxLength: number;
  /** Bytes of its weights on the device. */
  gpuBytes: number;
  /** The family of matmul kernels it runs on; null where none are chosen. */
  kernels: MatmulFamilyName | null;
  /** Where the time of its load went. */
  load: LoadTimes;
  /** What its generation_config.json says, by the names of the options. */
  generation: Partial<GenerationDefaults>;
}

/** What is alive in the runtime now. */
export interface RuntimeStats {
  devices: number;
  models: number;
  /** Sessions in use and kept for reuse. */
  sessions: number;
  runs: number;
  /** Bytes of all live buffers, by the arena's own ledger. */
  gpuBytes: number;
}
