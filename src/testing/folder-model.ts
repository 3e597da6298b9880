import { fileSource } from "../format/file-source.js";
import type { Gpu } from "../backend/webgpu/gpu/device.js";
import type { Model } from "../seam/model.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { loadModel } from "./load-model.js";
import type { OnnxDevice } from "../backend/onnx/onnx-device.js";
import { loadOnnxFolder } from "./onnx-device.js";
import { withConfig } from "./with-config.js";

/** A model with its tokenizer, on any backend. */
export interface FolderModel {
  model: Model;
  tokenizer: Tokenizer;
}

/** Loads one of the embedded models by its name, its config changed. */
export type FolderLoad = (name: string, changes: object) => Promise<FolderModel>;

/** Of models on WebGPU. */
export const onGpu =
  (gpu: Gpu): FolderLoad =>
  (name, changes) =>
    loadModel(gpu, withConfig(fileSource(`public/models/${name}`), changes));

/** Of models in ONNX Runtime. */
export const onOnnx =
  (device: OnnxDevice): FolderLoad =>
  (name, changes) =>
    loadOnnxFolder(device, withConfig(fileSource(`public/models/${name}`), changes));
