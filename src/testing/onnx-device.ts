import { openOnnx } from "../backend/onnx/node/open-onnx.js";
import type { OnnxDevice } from "../backend/onnx/onnx-device.js";
import { loadOnnx, madeOnnxModel, type OnnxLoading } from "../backend/onnx/load/load.js";
import { contextOf, loadArchitecture, loadFolderTokenizer, withTokenizer } from "../backend/webgpu/load/load.js";
import type { OnnxModel } from "../backend/onnx/session/onnx-model.js";
import { pause } from "../decode/engine/scheduler.js";
import type { Architecture } from "../architecture/architecture.js";
import type { ModelSource } from "../format/source.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { tinyWeights } from "./tiny-model.js";

/** ONNX Runtime's wasm build in Node, for the tests of one file. */
export const onnxDevice = () => openOnnx("wasm", pause);

/** A model folder with its tokenizer on such a device. */
export async function loadOnnxFolder(
  device: OnnxDevice,
  source: ModelSource,
  how: OnnxLoading = {},
): Promise<{ model: OnnxModel; tokenizer: Tokenizer }> {
  const read = await loadArchitecture(source);
  const tokenizer = await loadFolderTokenizer(source, read);
  const architecture = { ...withTokenizer(read, tokenizer), maxLength: contextOf(read) };
  return { model: await loadOnnx(device, source, architecture, how), tokenizer };
}

/** The tiny model of the law tests (`tiny-model.ts`) on such a device. */
export function tinyOnnx(device: OnnxDevice, seed: number, change: Partial<Architecture> = {}): Promise<OnnxModel> {
  const { architecture, tensors } = tinyWeights(seed, change);
  return madeOnnxModel(device, architecture, tensors, { name: "tiny" });
}
