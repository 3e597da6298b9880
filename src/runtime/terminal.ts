import { readFile } from "node:fs/promises";
import type { Gpu } from "../backend/webgpu/gpu/device.js";
import { type KernelTime, profileKernels } from "../backend/webgpu/gpu/profile-kernels.js";
import { loadFolderTokenizer } from "../backend/webgpu/load/load.js";
import { openOnnx } from "../backend/onnx/node/open-onnx.js";
import { openNodeDevice } from "../backend/webgpu/node/node-gpu.js";
import { ROUNDINGS } from "../seam/rounding.js";
import { Tuning } from "../backend/webgpu/tuning/tuning.js";
import { pause, Scheduler } from "../decode/engine/scheduler.js";
import { fileSource } from "../format/file-source.js";
import { type TextReading, type TextTokens, tokensOf } from "../tokenizer/text-tokens.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { OnnxBackend } from "./onnx.js";
import { type AnyRuntime, Devices } from "./devices.js";
import { Runtime } from "./runtime.js";
import { FolderParts } from "./parts.js";
import { WebGpuBackend } from "./webgpu.js";

/** GPU time of one kernel. */
export type { KernelTime } from "../backend/webgpu/gpu/profile-kernels.js";

/** How weights may be rounded at load. */
export const WEIGHT_FORMATS = Object.keys(ROUNDINGS);

/** Where a terminal's models may run: on WebGPU, or in ONNX Runtime's WebAssembly or native build. */
export const DEVICES = ["webgpu", "wasm", "node"] as const;

/** What a terminal says of WebGPU: SwiftShader with `software`, and the file of a tuning record. */
export interface DeviceChoice {
  /** Default: WebGPU. */
  device?: (typeof DEVICES)[number];
  software?: boolean;
  tuning?: string;
  /** Kernels are to be timed. */
  profile?: boolean;
}

/** The devices of this process: folders by their paths, kernels by the file `tuning`. Throws `InvalidOptionError` for what another kind of device has. */
export function terminalDevices({ device = "webgpu", software, tuning, profile }: DeviceChoice): Devices {
  for (const [flag, value] of Object.entries({ "--software": software, "--tuning": tuning, "--profile": profile })) {
    if (value && device !== "webgpu")
      throw new InvalidOptionError(`${flag} is of device webgpu, and --device is ${device}: leave one of them out.`);
  }
  const scheduler = new Scheduler();
  const place = { source: fileSource, needsTokenizer: false };
  const webgpu = new WebGpuBackend({
    ...place,
    openDevice: () => openNodeDevice({ software }),
    tuning: (gpu) => (tuning === undefined ? Tuning.open(gpu) : readTuning(gpu, tuning)),
    standIns: false,
  });
  const onnx = (kind: "wasm" | "node") =>
    new OnnxBackend({ ...place, device: kind, openDevice: () => openOnnx(kind, pause) });
  return new Devices({
    names: DEVICES,
    runtime: async (name): Promise<AnyRuntime> =>
      name === "wasm" || name === "node"
        ? new Runtime(new FolderParts(onnx(name), scheduler))
        : new Runtime(new FolderParts(webgpu, scheduler)),
  });
}

/** GPU time by kernel, largest first, of what `run` dispatches on WebGPU's device. */
export async function profileRun(devices: Devices, run: () => Promise<unknown>): Promise<KernelTime[]> {
  return profileKernels((await (await devices.on("webgpu")).open()) as Gpu, run);
}

/** The tokens of a text by a folder's tokenizer alone. No device is opened. */
export async function tokensIn(
  folder: string,
  text: string,
  how: TextReading,
  signal: AbortSignal,
): Promise<TextTokens> {
  return tokensOf(await loadFolderTokenizer(fileSource(folder), null, signal), text, how);
}

/** A device's tuning record from a file: as a page exports it, or within what `device --tune --json` prints. */
async function readTuning(gpu: Gpu, file: string): Promise<Tuning> {
  const tuning = await Tuning.open(gpu);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidOptionError(`--tuning ${file} can't be read as JSON (${reason}).`);
  }
  const printed = value as { tuning?: unknown } | null;
  await tuning.import(printed?.tuning ?? value);
  return tuning;
}
