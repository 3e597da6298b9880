import type { Architecture } from "../architecture/architecture.js";
import type { OnnxDevice } from "../backend/onnx/onnx-device.js";
import type { Provider } from "../backend/onnx/provider.js";
import { loadOnnx, onnxCapabilities, madeOnnxModel } from "../backend/onnx/load/load.js";
import { type ExportedModel, exportedCapabilities, loadExported } from "../backend/onnx/load/load-exported.js";
import { loadArchitecture, withGeneration } from "../backend/webgpu/load/load.js";
import { parseExportedConfig } from "../architecture/exported-config.js";
import { loadFamilies } from "../architecture/families.js";
import { onnxFileOf } from "../format/onnx-file.js";
import { checkCacheFormat } from "../seam/cache-format.js";
import { checkRounding, namedRounding, roundingOf } from "../seam/rounding.js";
import type { Measurements } from "../backend/timing/measurements.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import type { ModelSource } from "../format/source.js";
import type { Capabilities } from "../seam/capabilities.js";
import type { Tensor } from "../format/tensor.js";
import type { Model } from "../seam/model.js";
import type { Backend, Loading } from "./backend.js";
import type { Folder } from "./folder.js";
import type { ModelRef } from "./model-ref.js";
import type { RuntimeModel } from "./runtime.js";
import { onlyWebGpu } from "./webgpu-only.js";

/** What differs between a page and a terminal. */
export interface OnnxPlace {
  /** The name of its device. */
  device: Provider["name"];
  openDevice(): Promise<OnnxDevice>;
  /** A folder by its address in a `ModelRef`. */
  source(address: string): ModelSource;
  /** A folder without a tokenizer.json is refused at its load. */
  needsTokenizer: boolean;
}

/** What is read of a folder's config: tensors are of an architecture, a graph is of any. */
type OnnxConfig = Architecture | ExportedModel;

/** Models on ONNX Runtime. */
export class OnnxBackend implements Backend<OnnxDevice, OnnxConfig> {
  /** Runtime and engine share a thread: what is pulled ahead gains no time, and is work for nothing where a text ends. */
  readonly lookahead = 1;

  constructor(private readonly place: OnnxPlace) {}

  get needsTokenizer(): boolean {
    return this.place.needsTokenizer;
  }

  source(address: string): ModelSource {
    return this.place.source(address);
  }

  openDevice(): Promise<OnnxDevice> {
    return this.place.openDevice();
  }

  async readConfig(source: ModelSource, ref: ModelRef, signal?: AbortSignal): Promise<OnnxConfig> {
    const { blockLength, weights, kvCache, dtype } = ref;
    checkRounding(weights);
    checkCacheFormat(kvCache);
    const rounded = roundingOf(namedRounding(weights) ?? null).format;
    if (weights !== undefined && dtype !== undefined) {
      throw new InvalidOptionError(`weights ${weights} and dtype ${dtype} both say how weights are stored: give one.`);
    }
    const file = await onnxFileOf(source, { dtype, rounded }, signal);
    if (file === null) return loadArchitecture(source, { blockLength, signal });
    const config = await source.json("config.json", signal);
    await loadFamilies(config);
    return withGeneration(source, (json) => ({ ...parseExportedConfig(config, json, blockLength), file }), signal);
  }

  capabilities(config: OnnxConfig): Capabilities {
    return "file" in config ? exportedCapabilities(config) : onnxCapabilities(config, this.place.device);
  }

  async loadModel(
    device: OnnxDevice,
    read: () => Promise<Folder<OnnxConfig>>,
    ref: ModelRef,
    { signal, onProgress }: Loading,
  ): Promise<RuntimeModel> {
    const what = onlyWebGpu(ref);
    if (what !== null) throw new InvalidOptionError(refusal(device, `load a model with ${what}`));
    const { source, architecture, tokenizer, clock } = await read();
    clock.enter("uploadMs");
    const timed = clock.timed(source);
    const { weights, head, adapter, lora } = ref;
    if ("file" in architecture && (head || adapter || lora)) {
      const what = head ? "gives no hidden states for a head" : adapter ? "gives none for an adapter" : "takes no LoRA";
      throw new InvalidOptionError(
        `${source.url} has its weights in an ONNX graph, which ${what}: leave it out, or take a folder with model.safetensors.`,
      );
    }
    const part = (address?: string) => (address === undefined ? undefined : clock.timed(this.place.source(address)));
    const parts = { head: part(head), adapter: part(adapter) };
    const model =
      "file" in architecture
        ? await loadExported(device, timed, architecture, { signal, onProgress })
        : await loadOnnx(device, timed, architecture, {
            signal,
            onProgress,
            weights: namedRounding(weights),
            ...parts,
          });
    clock.enter(null);
    return {
      model,
      tokenizer,
      name: model.name,
      gpuBytes: model.byteLength,
      weights: model.capabilities.rounding,
      memory: { weights: model.byteLength, kv: 0, scratch: 0, staging: 0 },
      kernels: null,
      load: clock.times,
      dispose: () => model.dispose(),
    };
  }

  made(device: OnnxDevice, architecture: Architecture, tensors: ReadonlyMap<string, Tensor>): Promise<Model> {
    return madeOnnxModel(device, architecture, tensors, { name: "made" });
  }

  measurements({ measurements }: OnnxDevice): Measurements {
    return measurements;
  }

  async limits(): Promise<null> {
    return null;
  }

  async exportTuning(device: OnnxDevice): Promise<never> {
    throw new InvalidOptionError(refusal(device, "choose kernels"));
  }

  async importTuning(device: OnnxDevice): Promise<never> {
    throw new InvalidOptionError(refusal(device, "choose kernels"));
  }
}

const refusal = ({ provider }: OnnxDevice, what: string) =>
  `Device "${provider.name}" can't ${what}: take device "webgpu", or leave it out.`;
