import type { Architecture } from "../architecture/architecture.js";
import { contextOf, loadTransformer } from "../backend/webgpu/load/load.js";
import type { Gpu } from "../backend/webgpu/gpu/device.js";
import { loadOnnx } from "../backend/onnx/load/load.js";
import type { OnnxDevice } from "../backend/onnx/onnx-device.js";
import type { ModelSource } from "../format/source.js";
import type { Model } from "../seam/model.js";

/** What a model is loaded with beside its weights. */
export interface Joined {
  head?: ModelSource;
  adapter?: ModelSource;
  weights?: "q8";
}

/** Loads a folder with what is joined to it, on one backend. */
export interface JoinedBed {
  load(source: ModelSource, architecture: Architecture, joined: Joined): Promise<Model>;
  /** Bytes of all models that are there. */
  heldBytes(): number;
}

/** On WebGPU. */
export const joinedOnGpu = (gpu: Gpu): JoinedBed => ({
  load: (source, architecture, joined) => loadTransformer(gpu, source, architecture, joined),
  heldBytes: () => gpu.arena.byteLength,
});

/** In ONNX Runtime. */
export const joinedOnOnnx = (device: OnnxDevice): JoinedBed => ({
  load: (source, architecture, joined) =>
    loadOnnx(device, source, { ...architecture, maxLength: contextOf(architecture) }, joined),
  heldBytes: () => device.arena.byteLength,
});
