import type { Architecture } from "../architecture/architecture.js";
import type { OnnxDevice } from "../backend/onnx/onnx-device.js";
import type { Provider } from "../backend/onnx/provider.js";
import { loadOnnx, onnxCapabilities, onnxModel } from "../backend/onnx/load/load.js";
import type { Measurements } from "../backend/timing/measurements.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import type { ModelSource } from "../format/source.js";
import type { Capabilities } from "../seam/capabilities.js";
import type { Tensor } from "../format/safetensors.js";
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

/** Models on ONNX Runtime. */
export class OnnxBackend implements Backend<OnnxDevice> {
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

  capabilities(architecture: Architecture): Capabilities {
    return onnxCapabilities(architecture, this.place.device);
  }

  async loadModel(
    device: OnnxDevice,
    read: () => Promise<Folder>,
    ref: ModelRef,
    { signal, onProgress }: Loading,
  ): Promise<RuntimeModel> {
    const what = onlyWebGpu(ref);
    if (what !== null) throw new InvalidOptionError(refusal(device, `load a model with ${what}`));
    const { source, architecture, tokenizer, clock } = await read();
    clock.enter("uploadMs");
    const { weights, head, adapter } = ref;
    const part = (address?: string) => (address === undefined ? undefined : clock.timed(this.place.source(address)));
    const parts = { head: part(head), adapter: part(adapter) };
    const model = await loadOnnx(device, clock.timed(source), architecture, { signal, onProgress, weights, ...parts });
    clock.enter(null);
    return {
      model,
      tokenizer,
      name: model.name,
      gpuBytes: model.byteLength,
      kernels: null,
      load: clock.times,
      dispose: () => model.dispose(),
    };
  }

  made(device: OnnxDevice, architecture: Architecture, tensors: ReadonlyMap<string, Tensor>): Promise<Model> {
    return onnxModel(device, architecture, tensors, { name: "made" });
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
