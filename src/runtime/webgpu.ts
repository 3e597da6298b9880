import type { Architecture } from "../architecture/architecture.js";
import type { MeasureOptions } from "../backend/timing/model-costs.js";
import type { Gpu } from "../backend/webgpu/gpu/device.js";
import { webgpuCapabilities } from "../backend/webgpu/load/capabilities.js";
import { madeModel } from "../backend/webgpu/load/made-model.js";
import { warmUpFor } from "../backend/webgpu/load/warm-up.js";
import { type GpuMeasurements, measurementsOf } from "../backend/webgpu/tuning/measurements.js";
import { variantsFor } from "../backend/webgpu/ops/variants.js";
import type { Tuning } from "../backend/webgpu/tuning/tuning.js";
import { isAbsence, type ModelSource } from "../format/source.js";
import type { Tensor } from "../format/tensor.js";
import type { Model } from "../seam/model.js";
import { loadArchitecture } from "../backend/webgpu/load/load.js";
import { InvalidOptionError, invariant, ModelLoadError, OutOfMemoryError } from "../vocabulary/errors.js";
import { checkRounding, type Rounding } from "../seam/rounding.js";
import type { WebGpuModel } from "../backend/webgpu/session/webgpu-model.js";
import type { Backend, Loading } from "./backend.js";
import { type Folder, loadFolder } from "./folder.js";
import type { ModelRef } from "./model-ref.js";
import type { RuntimeModel } from "./runtime.js";

/** What `auto` tries, the most exact first. */
const AUTO_WEIGHTS = [null, "q8", "q4"] as const;

/** What differs between a page and a terminal. */
export interface Place {
  openDevice(): Promise<Gpu>;
  /** A folder by its address in a `ModelRef`. */
  source(address: string): ModelSource;
  /** What is known of a device's fastest kernels. */
  tuning(device: Gpu): Promise<Tuning>;
  /** A folder without a tokenizer.json is refused at its load. */
  needsTokenizer: boolean;
  /** Kernels that compile beside a run may be stood in for by others. */
  standIns: boolean;
}

/** Models on WebGPU. */
export class WebGpuBackend implements Backend<Gpu> {
  readonly warmUp = warmUpFor;
  readonly capabilities = webgpuCapabilities;
  private readonly tunings = new WeakMap<Gpu, Promise<Tuning>>();

  constructor(private readonly place: Place) {}

  get needsTokenizer(): boolean {
    return this.place.needsTokenizer;
  }

  source(address: string): ModelSource {
    return this.place.source(address);
  }

  async readConfig(source: ModelSource, { blockLength, dtype }: ModelRef, signal?: AbortSignal): Promise<Architecture> {
    if (dtype === undefined) return orGraph(source, () => loadArchitecture(source, { blockLength, signal }));
    throw new InvalidOptionError(
      `dtype ${dtype} asks for an ONNX file, which device "webgpu" doesn't run: take device "wasm", or leave dtype out.`,
    );
  }

  openDevice(): Promise<Gpu> {
    return this.place.openDevice();
  }

  async loadModel(
    device: Gpu,
    read: () => Promise<Folder>,
    ref: ModelRef,
    { signal, onProgress, inTurn }: Loading,
  ): Promise<RuntimeModel> {
    // Opened beside the first files, since nothing needs it before the config is there.
    const tuning = this.tuningOf(device);
    const folder = await read();
    const part = (address?: string) => (address === undefined ? undefined : this.place.source(address));
    const { weights, kvCache, memoryLimit, debug, head, adapter, tune } = ref;
    checkRounding(weights);
    const isAuto = weights === "auto";
    const parts = { head: part(head), adapter: part(adapter) };
    const load = (rounding: Rounding | null): Promise<WebGpuModel> => {
      const chooseFamily = async (shape: Architecture) => {
        const known = await tuning;
        return inTurn((breathe) => known.family(shape, { tune, rounding, signal, breathe }));
      };
      const memory = { memoryLimit, needsText: isAuto || memoryLimit !== undefined };
      const how = { signal, onProgress, weights: rounding ?? undefined, kvCache, debug, ...memory, ...parts };
      return orGraph(folder.source, () => loadFolder(device, folder, { ...how, chooseFamily }));
    };
    const model = await this.firstThatFits(isAuto ? AUTO_WEIGHTS : [weights ?? null], load, folder.architecture, {
      kvCache,
      memoryLimit,
      widensF16: variantsFor(device.facts).widensF16,
    });
    if (this.place.standIns) device.kernels.mayStandIn = true;
    const { name, transformer } = model;
    return {
      model,
      tokenizer: folder.tokenizer,
      name,
      gpuBytes: transformer.arena.ownByteLength,
      weights: model.capabilities.rounding,
      memory: model.memory,
      kernels: transformer.variants.family,
      load: folder.clock.times,
      dispose: () => model.dispose(),
    };
  }

  /** The model with the first of these weights for which there is memory; the error of the last names the next smaller choice. */
  private async firstThatFits(
    choices: readonly (Rounding | null)[],
    load: (weights: Rounding | null) => Promise<WebGpuModel>,
    architecture: Architecture,
    { kvCache = "f32", memoryLimit, widensF16 }: Pick<ModelRef, "kvCache" | "memoryLimit"> & { widensF16: boolean },
  ): Promise<WebGpuModel> {
    let short: OutOfMemoryError | null = null;
    for (const weights of choices) {
      try {
        return await load(weights);
      } catch (error) {
        if (!(error instanceof OutOfMemoryError)) throw error;
        short = error;
      }
    }
    invariant(short, "weights were tried");
    const { withSmallerChoice } = await import("./smaller-choice.js");
    const weights = choices[choices.length - 1];
    throw withSmallerChoice(short, architecture, { weights, kvCache, memoryLimit, widensF16 });
  }

  made(device: Gpu, architecture: Architecture, tensors: ReadonlyMap<string, Tensor>): Promise<Model> {
    return madeModel(device, "made", architecture, tensors);
  }

  measurements(device: Gpu): GpuMeasurements {
    return measurementsOf(device);
  }

  limits(device: Gpu, how: MeasureOptions & { again: boolean }) {
    return measurementsOf(device).limits(how);
  }

  kernels(device: Gpu, model: Model, { again }: { again: boolean }) {
    return measurementsOf(device).kernels(model, again);
  }

  async exportTuning(device: Gpu) {
    return (await this.tuningOf(device)).record;
  }

  async importTuning(device: Gpu, record: unknown): Promise<void> {
    await (await this.tuningOf(device)).import(record);
  }

  private tuningOf(device: Gpu): Promise<Tuning> {
    const opening = this.tunings.get(device) ?? this.place.tuning(device);
    this.tunings.set(device, opening);
    return opening;
  }
}

/** Loads from tensors; where they can't be had, and the folder has a graph instead, the error says so. */
async function orGraph<T>(source: ModelSource, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const isOfWeights = isAbsence(error) || (error instanceof ModelLoadError && error.code === "unsupported_config");
    const { onnxFileOf } = await import("../format/onnx-file.js");
    const graph = isOfWeights ? await onnxFileOf(source).catch(() => null) : null;
    if (!graph) throw error;
    throw new ModelLoadError(
      `${source.url} has its weights in an ONNX graph (${graph.path}), which device "webgpu" doesn't run: take device "wasm", or "auto" without what WebGPU alone has.`,
      "unsupported_graph",
    );
  }
}
