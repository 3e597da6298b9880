import { openOnnxDevice } from "../backend/onnx/open-device.js";
import type { DeviceName } from "../vocabulary/device.js";
import { OnnxBackend, type OnnxPlace } from "./onnx.js";

/** What ONNX Runtime has in a page, beside WebGPU. */
export type OnnxName = Exclude<DeviceName, "webgpu" | "node">;

/** ONNX Runtime in a page's worker, on one of its providers. `pause` lets messages and timers be handled. */
export function onnxBackend(
  name: OnnxName,
  { pause, ...place }: Omit<OnnxPlace, "openDevice" | "device"> & { pause: () => Promise<void> },
): OnnxBackend {
  return new OnnxBackend({ ...place, device: name, openDevice: () => openOnnxDevice(name, pause) });
}
