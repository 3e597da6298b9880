import { get, set } from "idb-keyval";
import { type Gpu, openDevice } from "../backend/webgpu/gpu/device.js";
import { Tuning } from "../backend/webgpu/tuning/tuning.js";
import { httpSource } from "../format/http-source.js";
import { Runtime, type RuntimeModel } from "./runtime.js";
import { FolderParts } from "./parts.js";
import { WebGpuBackend } from "./webgpu.js";

/** The runtime of a page's worker: folders by their URLs, tuning records in the browser's storage. */
export function pageRuntime(): Runtime<Gpu, RuntimeModel> {
  const backend = new WebGpuBackend({
    openDevice,
    source: httpSource,
    tuning: (device) => Tuning.open(device, { get, set }),
    needsTokenizer: true,
    standIns: true,
  });
  return new Runtime(new FolderParts(backend));
}
