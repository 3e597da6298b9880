import type { Architecture, ModelFacts } from "../architecture/architecture.js";
import type { Measurements } from "../backend/timing/measurements.js";
import type { MeasureOptions } from "../backend/timing/model-costs.js";
import type { KernelTime } from "../backend/webgpu/gpu/profile-kernels.js";
import type { DeviceLimits } from "../backend/webgpu/tuning/device-limits.js";
import type { TuningRecord } from "../backend/webgpu/tuning/tuning-record.js";
import type { GenerateRequest } from "../decode/engine/request.js";
import type { ModelSource } from "../format/source.js";
import type { Tensor } from "../format/tensor.js";
import type { Capabilities } from "../seam/capabilities.js";
import type { Model } from "../seam/model.js";
import type { Folder } from "./folder.js";
import type { InTurn } from "./in-turn.js";
import type { ModelRef } from "./model-ref.js";
import type { RuntimeDevice, RuntimeModel } from "./runtime.js";
import type { Waiter } from "./shelf.js";

/** How a model is loaded, beside what its ref says. */
export interface Loading extends Required<Waiter> {
  /** Does something that takes the device while runs may wait for it. */
  inTurn: InTurn;
}

/** One kind of device, where models run; `A` is what is read of their configs. */
export interface Backend<D extends RuntimeDevice, A extends ModelFacts = Architecture> {
  /** A folder by its address in a `ModelRef`. */
  source(address: string): ModelSource;
  /** A folder without a tokenizer.json is refused at its load. */
  readonly needsTokenizer: boolean;
  /** Results that a run may leave unread; left out, as the engine has it. */
  readonly lookahead?: number;
  readonly warmUp?: GenerateRequest["warmUp"];
  openDevice(): Promise<D>;
  /** Reads a folder's config. Throws `InvalidOptionError` for weights that aren't read here. */
  readConfig(source: ModelSource, ref: ModelRef, signal?: AbortSignal): Promise<A>;
  /** What a model of this architecture can do here. */
  capabilities(architecture: A): Capabilities;
  /** `folder` reads it: what can be done beside that is begun before. */
  loadModel(device: D, folder: () => Promise<Folder<A>>, ref: ModelRef, how: Loading): Promise<RuntimeModel>;
  /** A model of tensors that are at hand, by our own names. */
  made(device: D, architecture: Architecture, tensors: ReadonlyMap<string, Tensor>): Promise<Model>;
  measurements(device: D): Measurements;
  /** Null where they can't be measured. */
  limits(device: D, how: MeasureOptions & { again: boolean }): Promise<DeviceLimits | null>;
  /** What each kernel of a loaded model's forward of one row takes; null where the device can't tell. Left out: its kernels aren't ours. */
  kernels?(device: D, model: Model, how: { again: boolean }): Promise<KernelTime[] | null>;
  exportTuning(device: D): Promise<TuningRecord>;
  importTuning(device: D, record: unknown): Promise<void>;
}
