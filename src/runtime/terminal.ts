import { readFile } from "node:fs/promises";
import type { Gpu } from "../backend/webgpu/gpu/device.js";
import { type KernelTime, profileKernels } from "../backend/webgpu/gpu/profile-kernels.js";
import { loadFolderTokenizer } from "../backend/webgpu/load/load.js";
import { OnnxDevice } from "../backend/onnx/onnx-device.js";
import { openOnnx } from "../backend/onnx/node/open-onnx.js";
import { openNodeDevice } from "../backend/webgpu/node/node-gpu.js";
import { ROUNDINGS } from "../seam/rounding.js";
import { Tuning } from "../backend/webgpu/tuning/tuning.js";
import { pause } from "../decode/engine/scheduler.js";
import { fileSource } from "../format/file-source.js";
import { type TextReading, type TextTokens, tokensOf } from "../tokenizer/text-tokens.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { OnnxBackend } from "./onnx.js";
import { Runtime, type RuntimeDevice, type RuntimeModel } from "./runtime.js";
import { FolderParts } from "./parts.js";
import { WebGpuBackend } from "./webgpu.js";

/** GPU time of one kernel. */
export type { KernelTime } from "../backend/webgpu/gpu/profile-kernels.js";

/** The runtime of a process in a terminal. */
export type TerminalRuntime = Runtime<RuntimeDevice, RuntimeModel>;

/** How weights may be rounded at load. */
export const WEIGHT_FORMATS = Object.keys(ROUNDINGS);

/** Where a terminal's models may run: on WebGPU, or in ONNX Runtime's WebAssembly or native build. */
export const DEVICES = ["webgpu", "wasm", "node"] as const;

/** What a terminal says of its device: which kind; of WebGPU's, SwiftShader with `software`, and the file of a tuning record. */
export interface DeviceChoice {
  /** Default: WebGPU. */
  device?: (typeof DEVICES)[number];
  software?: boolean;
  tuning?: string;
}

/** The runtime of this process: folders by their paths, kernels by the file `tuning`. Throws `InvalidOptionError` for what another kind of device has. */
export function terminalRuntime({ device = "webgpu", software, tuning }: DeviceChoice): TerminalRuntime {
  const place = { source: fileSource, needsTokenizer: false };
  if (device !== "webgpu") {
    for (const [flag, value] of Object.entries({ "--software": software, "--tuning": tuning })) {
      if (value)
        throw new InvalidOptionError(`${flag} is of device webgpu, and --device is ${device}: leave one of them out.`);
    }
    return new Runtime(new FolderParts(new OnnxBackend({ ...place, openDevice: () => openOnnx(device, pause) })));
  }
  return new Runtime(
    new FolderParts(
      new WebGpuBackend({
        ...place,
        openDevice: () => openNodeDevice({ software }),
        tuning: (gpu) => (tuning === undefined ? Tuning.open(gpu) : readTuning(gpu, tuning)),
        standIns: false,
      }),
    ),
  );
}

/** GPU time by kernel, largest first, of what `run` dispatches on the runtime's device. */
export async function profileRun(runtime: TerminalRuntime, run: () => Promise<unknown>): Promise<KernelTime[]> {
  const device = await runtime.open();
  if (device instanceof OnnxDevice) throw new InvalidOptionError("--profile is of device webgpu: leave it out.");
  return profileKernels(device as Gpu, run);
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
