import { expose } from "comlink";
import { get, set } from "idb-keyval";
import { httpSource } from "../format/http-source.js";
import { openDevice } from "../backend/webgpu/gpu/device.js";
import { Runtime } from "../runtime/runtime.js";
import { WebGpuParts } from "../runtime/webgpu.js";
import { Tuning } from "../backend/webgpu/tuning/tuning.js";
import { Host } from "./host.js";

const parts = () =>
  new WebGpuParts({
    openDevice,
    source: httpSource,
    tuning: (device) => Tuning.open(device, { get, set }),
    needsTokenizer: true,
    standIns: true,
  });

// Anywhere else, as on a server that imports all it finds, nothing is to be started.
if ("DedicatedWorkerGlobalScope" in globalThis) expose(new Host(new Runtime(parts())));
