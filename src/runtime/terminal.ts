import { readFile } from "node:fs/promises";
import { version } from "../../package.json";
import { findFacts, type Gpu, openDevice } from "../backend/webgpu/gpu/device.js";
import { type KernelTime, profileKernels } from "../backend/webgpu/gpu/profile-kernels.js";
import { loadFolderTokenizer } from "../backend/webgpu/load/load.js";
import { openOnnx } from "../backend/onnx/node/open-onnx.js";
import { findNodeGpu } from "../backend/webgpu/node/node-gpu.js";
import { CACHE_FORMATS } from "../seam/cache-format.js";
import { ROUNDINGS } from "../seam/rounding.js";
import { Tuning } from "../backend/webgpu/tuning/tuning.js";
import { pause, Scheduler } from "../decode/engine/scheduler.js";
import { type Chat, isChat } from "../vocabulary/chat.js";
import { chatTokensOf, type TextReading, type TextTokens, tokensOf } from "../tokenizer/text-tokens.js";
import { AUTO } from "../vocabulary/device.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { Devices } from "./devices.js";
import { graphOf } from "./graph-of.js";
import { modelSize } from "./model-size.js";
import { onDevice } from "./on-device.js";
import { OnnxBackend } from "./onnx.js";
import { terminalSource } from "./terminal-models.js";
import { timedFile } from "./timed-file.js";
import { onlyWebGpu } from "./webgpu-only.js";
import { WebGpuBackend } from "./webgpu.js";

/** GPU time of one kernel. */
export type { KernelTime } from "../backend/webgpu/gpu/profile-kernels.js";

/** How weights may be rounded at load. */
export const WEIGHT_FORMATS = ["auto", ...Object.keys(ROUNDINGS)];

/** How keys and values may be kept. */
export const CACHES = Object.keys(CACHE_FORMATS);

/** Which of a folder's ONNX files may be named. */
export { ONNX_DTYPES } from "../format/onnx-file.js";

/** Where a terminal's models may run: on WebGPU, or in ONNX Runtime's WebAssembly or native build. */
const NAMES = ["webgpu", "wasm", "node"] as const;

/** What `--device` takes. */
export const DEVICES = [AUTO, ...NAMES] as const;

/** What a terminal says of its device: which kind; of WebGPU's, SwiftShader with `software`, and the file of a tuning record. */
export interface DeviceChoice {
  /** Default: `auto`. */
  device?: (typeof DEVICES)[number];
  software?: boolean;
  tuning?: string;
  /** Kernels are to be timed. */
  profile?: boolean;
  /** Told, in a sentence, what is done that takes a while before a model is loaded. */
  tell?(work: string): void;
}

/** The devices of this process: folders by their paths, kernels by the file `tuning`. Throws `InvalidOptionError` for what another kind of device has. */
export function terminalDevices({ device = AUTO, software, tuning, profile, tell }: DeviceChoice): Devices {
  const flags = Object.entries({ "--software": software, "--tuning": tuning, "--profile": profile });
  const given = flags.flatMap(([flag, value]) => (value ? [flag] : []));
  if (given.length > 0 && device !== "webgpu" && device !== AUTO) {
    throw new InvalidOptionError(`${given[0]} is of device webgpu, and --device is ${device}: leave one of them out.`);
  }
  const asked = process.env.TRIPTYCH_ADAPTER ? [...given, "TRIPTYCH_ADAPTER"] : given;
  const scheduler = new Scheduler();
  const store = timedFile(tell);
  const place = { source: terminalSource, needsTokenizer: false };
  // One of a process: the adapter that was looked at is the one that is used.
  let gpu: Promise<GPU> | null = null;
  const findGpu = () => {
    gpu ??= findNodeGpu({ software });
    return gpu;
  };
  const webgpu = new WebGpuBackend({
    ...place,
    openDevice: async () => openDevice({ gpu: await findGpu() }),
    tuning: (own) => (tuning === undefined ? Tuning.open(own) : readTuning(own, tuning)),
    standIns: false,
  });
  return new Devices({
    names: NAMES,
    make: async (name) =>
      name === "wasm" || name === "node"
        ? onDevice(new OnnxBackend({ ...place, device: name, openDevice: () => openOnnx(name, pause) }), scheduler)
        : onDevice(webgpu, scheduler),
    choice: {
      others: ["node", "wasm"],
      onlyWebGpu: (ref) => (asked.length > 0 ? `what ${asked[0]} asks for` : onlyWebGpu(ref)),
      adapter: async () => findFacts(await findGpu()),
      size: (ref) => modelSize(terminalSource(ref.url), ref),
      graph: (ref) => graphOf(terminalSource(ref.url), ref),
      machine: `${version} Node ${process.version} ${process.platform} ${process.arch}`,
      store,
      alone: store.alone,
      tell,
    },
  });
}

/** GPU time by kernel, largest first, of what `run` dispatches on WebGPU's device. */
export async function profileRun(devices: Devices, run: () => Promise<unknown>): Promise<KernelTime[]> {
  return profileKernels((await (await devices.on("webgpu")).open()) as Gpu, run);
}

/** The tokens of a text or a chat by a folder's tokenizer alone. No device is opened. */
export async function tokensIn(
  folder: string,
  text: string | Chat,
  how: TextReading,
  signal: AbortSignal,
): Promise<TextTokens> {
  const tokenizer = await loadFolderTokenizer(terminalSource(folder), null, signal);
  return isChat(text) ? chatTokensOf(tokenizer, text) : tokensOf(tokenizer, text, how);
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
