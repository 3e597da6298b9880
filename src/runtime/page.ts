import { get, set } from "idb-keyval";
import { version } from "../../package.json";
import { findFacts, openDevice } from "../backend/webgpu/gpu/device.js";
import { Tuning } from "../backend/webgpu/tuning/tuning.js";
import { pause, Scheduler } from "../decode/engine/scheduler.js";
import { httpSource } from "../format/http-source.js";
import { lateSource } from "../format/late-source.js";
import type { ModelSource } from "../format/source.js";
import { type DeviceName, PAGE_DEVICES } from "../vocabulary/device.js";
import { UnsupportedDeviceError } from "../vocabulary/errors.js";
import { Devices } from "./devices.js";
import { WALL_TIME } from "./losses.js";
import { modelSize } from "./model-size.js";
import type { StoredModels } from "./stored-models.js";
import { onDevice } from "./on-device.js";
import { type FilesFolder, onnxPart } from "./onnx-part.js";
import { onlyWebGpu } from "./webgpu-only.js";
import { WebGpuBackend } from "./webgpu.js";

let models: Promise<StoredModels> | null = null;

/** Models of other origins, kept in the browser; their code is fetched when the first one is asked for. */
async function pageModels(): Promise<StoredModels> {
  models ??= import("./page-models.js").then(({ openPageModels }) => openPageModels());
  return models;
}

/** Does what a page asks of the models that are kept. */
export async function obeyStored(...order: Tail<Parameters<typeof import("./page-models.js").obey>>): Promise<unknown> {
  const { obey } = await import("./page-models.js");
  return obey(await pageModels(), ...order);
}

/** Whether models are kept in this worker's memory alone, and would go with it. */
export async function modelsInMemory(): Promise<boolean> {
  const { kind, modelBytes } = (await (await models)?.storage()) ?? { kind: null, modelBytes: 0 };
  return kind === "memory" && modelBytes > 0;
}

type Tail<List extends unknown[]> = List extends [unknown, ...infer Rest] ? Rest : never;

/** A folder of the page's own origin is read from there; any other address is that of a model which is kept. */
function pageSource(address: string): ModelSource {
  const { origin, pathname } = new URL(address);
  const isOwn = origin === globalThis.origin && /\/$/.test(pathname) && !/\/(tree|blob|resolve)\//.test(pathname);
  return isOwn ? httpSource(address) : lateSource(address, async () => (await pageModels()).source(address));
}

/** The devices of a page's worker: folders by their URLs, what was measured in the browser's storage. `files`: the folder of the page's scripts. */
export function pageDevices(files: () => FilesFolder): Devices {
  const scheduler = new Scheduler();
  const place = { source: pageSource, needsTokenizer: true };
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
      const { onnxBackend } = await onnxPart(files()).catch((error: unknown) => {
        throw missingPart(error);
      });
      return onDevice(onnxBackend(name, { ...place, pause }), scheduler);
    },
    choice: {
      others: ["wasm"],
      onlyWebGpu,
      adapter: findFacts,
      size: (ref) => modelSize(pageSource(ref.url), ref),
      // Fetched beside the look at the adapter.
      graph: async (ref) => (await import("./graph-of.js")).graphOf(pageSource(ref.url), ref),
      machine: `${version} ${navigator.userAgent}`,
      store: { get, set },
      alone,
      idle: () => WALL_TIME.wait(IDLE_MS),
    },
  });
}

/** A page from which nothing has come for so long may be used to time devices: longer than between runs that are asked for in a row. */
const IDLE_MS = 1000;

/** The error of a site that doesn't serve the files for devices other than WebGPU where they are looked for. */
function missingPart(error: unknown): UnsupportedDeviceError {
  const reason = error instanceof Error ? error.message : String(error);
  return new UnsupportedDeviceError(
    `What runs models on devices other than WebGPU can't be loaded (${reason}): serve onnx.js and the folder onnxruntime of the package's dist, and name the folder that holds them with setFilesFolder().`,
  );
}

/** Pages that may not ask for locks, over http, time beside each other. */
function alone<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  return navigator.locks ? navigator.locks.request("triptych-lm/timing", { signal }, work) : work();
}

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
