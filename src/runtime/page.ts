import { get, set } from "idb-keyval";
import { version } from "../../package.json";
import { findFacts, openDevice } from "../backend/webgpu/gpu/device.js";
import { Tuning } from "../backend/webgpu/tuning/tuning.js";
import { pause, Scheduler } from "../decode/engine/scheduler.js";
import { httpSource } from "../format/http-source.js";
import { type DeviceName, PAGE_DEVICES } from "../vocabulary/device.js";
import { UnsupportedDeviceError } from "../vocabulary/errors.js";
import { Devices } from "./devices.js";
import { WALL_TIME } from "./losses.js";
import { modelSize } from "./model-size.js";
import { onDevice } from "./on-device.js";
import { onnxPart } from "./onnx-part.js";
import { onlyWebGpu } from "./webgpu-only.js";
import { WebGpuBackend } from "./webgpu.js";

/** The devices of a page's worker: folders by their URLs, what was measured in the browser's storage. `files`: the folder of the page's scripts. */
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
    async make(name) {
      if (name === "webgpu" || name === "node") return onDevice(webgpu, scheduler);
      refuseMissing(name);
      const { onnxBackend } = await onnxPart(files());
      return onDevice(onnxBackend(name, { ...place, pause }), scheduler);
    },
    choice: {
      others: ["wasm"],
      onlyWebGpu,
      adapter: findFacts,
      size: (ref) => modelSize(httpSource(ref.url), ref),
      // Fetched beside the look at the adapter.
      graph: async (ref) => (await import("./graph-of.js")).graphOf(httpSource(ref.url), ref),
      machine: `${version} ${navigator.userAgent}`,
      store: { get, set },
      idle: () => WALL_TIME.wait(IDLE_MS),
    },
  });
}

/** A page from which nothing has come for so long may be used to time devices: longer than between runs that are asked for in a row. */
const IDLE_MS = 1000;

/** What of the browser each of these needs. */
const NEEDS: Partial<Record<DeviceName, ["ml" | "gpu", string]>> = {
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
