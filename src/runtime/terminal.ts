import { readFile } from "node:fs/promises";
import type { Gpu } from "../backend/webgpu/gpu/device.js";
import { type KernelTime, profileKernels } from "../backend/webgpu/gpu/profile-kernels.js";
import { loadFolderTokenizer } from "../backend/webgpu/load/load.js";
import { openNodeDevice } from "../backend/webgpu/node/node-gpu.js";
import { ROUNDINGS } from "../seam/rounding.js";
import { Tuning } from "../backend/webgpu/tuning/tuning.js";
import { fileSource } from "../format/file-source.js";
import { type TextReading, type TextTokens, tokensOf } from "../tokenizer/text-tokens.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { Runtime, type RuntimeModel } from "./runtime.js";
import { WebGpuParts } from "./webgpu.js";

export type { KernelTime } from "../backend/webgpu/gpu/profile-kernels.js";

/** The runtime of a process in a terminal. */
export type TerminalRuntime = Runtime<Gpu, RuntimeModel>;

/** How weights may be rounded at load. */
export const WEIGHT_FORMATS = Object.keys(ROUNDINGS);

/** What a terminal says of its device: SwiftShader with `software`; the file of a tuning record. */
export interface DeviceChoice {
  software?: boolean;
  tuning?: string;
}

/** The runtime of this process: folders by their paths, kernels by the file `tuning`. */
export function terminalRuntime({ software, tuning }: DeviceChoice): TerminalRuntime {
  return new Runtime(
    new WebGpuParts({
      openDevice: () => openNodeDevice({ software }),
      source: fileSource,
      tuning: (gpu) => (tuning === undefined ? Tuning.open(gpu) : readTuning(gpu, tuning)),
      needsTokenizer: false,
      standIns: false,
    }),
  );
}

/** GPU time by kernel, largest first, of what `run` dispatches on the runtime's device. */
export async function profileRun(runtime: TerminalRuntime, run: () => Promise<unknown>): Promise<KernelTime[]> {
  return profileKernels(await runtime.open(), run);
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
