import { get, set } from "idb-keyval";
import { openDevice } from "../backend/webgpu/gpu/device.js";
import { Tuning } from "../backend/webgpu/tuning/tuning.js";
import { pause, Scheduler } from "../decode/engine/scheduler.js";
import { httpSource } from "../format/http-source.js";
import { type DeviceName, PAGE_DEVICES } from "../vocabulary/device.js";
import { UnsupportedDeviceError } from "../vocabulary/errors.js";
import { Devices } from "./devices.js";
import { onnxPart } from "./onnx-part.js";
import { FolderParts } from "./parts.js";
import { Runtime } from "./runtime.js";
import { WebGpuBackend } from "./webgpu.js";

/** The devices of a page's worker: folders by their URLs, tuning records in the browser's storage. `files`: the folder of the page's scripts. */
export function pageDevices(files: () => string): Devices {
  const scheduler = new Scheduler();
  const place = { source: httpSource, needsTokenizer: true };
  const webgpu = new WebGpuBackend({
    ...place,
    openDevice,
    tuning: (device) => Tuning.open(device, { get, set }),
    standIns: true,
  });
  return new Devices({
    names: PAGE_DEVICES,
    async runtime(name) {
      if (name === "webgpu" || name === "node") return new Runtime(new FolderParts(webgpu, scheduler));
      refuseMissing(name);
      const { onnxBackend } = await onnxPart(files());
      return new Runtime(new FolderParts(onnxBackend(name, { ...place, pause }), scheduler));
    },
  });
}

/** What of the browser each of these needs. */
const NEEDS: Partial<Record<DeviceName, [keyof Navigator | "ml", string]>> = {
  webnn: ["ml", "WebNN"],
  "onnx-webgpu": ["gpu", "WebGPU"],
};

function refuseMissing(name: DeviceName): void {
  const [member, api] = NEEDS[name] ?? [];
  if (member === undefined || (navigator as unknown as Record<string, unknown>)[member]) return;
  throw new UnsupportedDeviceError(
    `Device "${name}" needs ${api}, which this browser hasn't (navigator.${member} is missing): take device "wasm" or "auto".`,
  );
}
