import {
  DeviceLostError,
  OutOfMemoryError,
  TriptychError,
  UnsupportedDeviceError,
} from "../../../vocabulary/errors.js";
import { isSoftwareAdapter } from "../../../vocabulary/device.js";
import { Arena } from "./arena.js";
import { KernelCache } from "./kernel.js";
import { GpuQueue, STEP_BYTES } from "./queue.js";
import { ResultRing } from "./ring.js";

/** What the adapter says of itself. */
export interface AdapterFacts {
  vendor: string;
  architecture: string;
  description: string;
  /** A CPU that emulates a GPU (SwiftShader, llvmpipe, WARP). */
  isSoftware: boolean;
  hasF16: boolean;
  hasSubgroups: boolean;
  /** Invocations of the smallest subgroup; 0 where the adapter doesn't say. */
  subgroupMinSize: number;
  hasTimestamps: boolean;
}

/** One device with its queue, kernels, results and ledger. */
export interface Gpu {
  device: GPUDevice;
  facts: AdapterFacts;
  arena: Arena;
  queue: GpuQueue;
  kernels: KernelCache;
  results: ResultRing;
  /** Resolves with the reason once the device is lost or disposed of. */
  lost: Promise<string>;
  /** The texts of the first errors that WebGPU reported outside any call. */
  uncaptured: string[];
  dispose(): void;
}

/** Optional features, used when there; every one has a plain variant. */
const OPTIONAL_FEATURES: GPUFeatureName[] = ["shader-f16", "subgroups", "timestamp-query"];
const RESULT_WORDS = 1 << 16;
const MAX_KEPT_MESSAGES = 20;

/** Reads the adapter's own words; never used to refuse, only to name and to choose variants. */
export function adapterFacts(adapter: GPUAdapter): AdapterFacts {
  const { vendor, architecture, description, device, subgroupMinSize } = adapter.info;
  const hasSubgroups = adapter.features.has("subgroups");
  return {
    vendor,
    architecture,
    description: description || device,
    isSoftware: isSoftwareAdapter(adapter.info),
    hasF16: adapter.features.has("shader-f16"),
    hasSubgroups,
    // Without the feature the number is made up.
    subgroupMinSize: hasSubgroups ? subgroupMinSize : 0,
    hasTimestamps: adapter.features.has("timestamp-query"),
  };
}

/**
 * Invocations that a core of a software adapter does at once. A driver's subgroups are its vectors: 8 floats on llvmpipe with
 * AVX2, 4 on SwiftShader, which is also what is taken of those that don't say.
 */
export function coreLanes({ subgroupMinSize }: Pick<AdapterFacts, "subgroupMinSize">): 4 | 8 {
  return subgroupMinSize >= 8 ? 8 : 4;
}

const WHAT_TO_DO =
  "Use a current Chrome, Edge, Safari or Firefox with hardware acceleration on; without a GPU start Chromium with " +
  "--enable-unsafe-webgpu --use-webgpu-adapter=swiftshader.";

async function findAdapter(gpu: GPU | undefined): Promise<GPUAdapter> {
  if (!gpu) {
    const where = globalThis.isSecureContext === false ? " (WebGPU needs https or localhost)" : "";
    throw new UnsupportedDeviceError(`This browser has no WebGPU: navigator.gpu is missing${where}. ${WHAT_TO_DO}`);
  }
  const tried: string[] = [];
  for (const options of [{ powerPreference: "high-performance" }, {}] satisfies GPURequestAdapterOptions[]) {
    const adapter = await gpu.requestAdapter(options);
    if (adapter) return adapter;
    tried.push(JSON.stringify(options));
  }
  throw new UnsupportedDeviceError(`WebGPU gives no adapter (tried ${tried.join(", ")}). ${WHAT_TO_DO}`);
}

function isShortage(error: GPUError): boolean {
  return error.constructor.name === "GPUOutOfMemoryError";
}

/** After such an error nothing on the device can be trusted, so every later read fails with it. */
function uncapturedFailure(error: GPUError): Error {
  const message = `WebGPU refused a command (${error.message}). Please report it with your browser and GPU; load again.`;
  return new TriptychError("gpu_error", message);
}

/** What WebGPU's adapter is, whose device isn't opened. Throws `UnsupportedDeviceError` where there is none. */
export async function findFacts(gpu = globalThis.navigator?.gpu): Promise<AdapterFacts> {
  return adapterFacts(await findAdapter(gpu));
}

/**
 * Opens an adapter and its device with the limits and features that exist. Throws `UnsupportedDeviceError` that says
 * what was tried and what to do.
 */
export async function openDevice({ gpu = globalThis.navigator?.gpu }: { gpu?: GPU } = {}): Promise<Gpu> {
  const adapter = await findAdapter(gpu);
  const facts = adapterFacts(adapter);
  const device = await adapter.requestDevice({
    label: "triptych",
    requiredFeatures: OPTIONAL_FEATURES.filter((feature) => adapter.features.has(feature)),
    // Memory limits only: shaders keep to the default 8 storage buffers a stage.
    requiredLimits: {
      maxBufferSize: adapter.limits.maxBufferSize,
      maxStorageBufferBindingSize: adapter.limits.maxStorageBufferBindingSize,
    },
  });
  let failure: Error | null = null;
  const lost = device.lost.then((info) => {
    const reason = info.message || info.reason || "unknown";
    failure = new DeviceLostError(`The GPU device was lost (${reason}). Load the models again.`);
    return reason;
  });
  const uncaptured: string[] = [];
  const listen = (event: Event): void => {
    const { error } = event as GPUUncapturedErrorEvent;
    if (isShortage(error)) {
      const what = "shorten the text, free models, or use a smaller model or context; other runs may go on";
      queue.runShort(new OutOfMemoryError(`The device is out of memory (${error.message}): ${what}.`));
    } else if (queue.shortage) {
      // What is bound to memory that isn't there is invalid as well, and so is all that was sent with it.
      queue.runShort(queue.shortage);
    } else {
      failure ??= uncapturedFailure(error);
    }
    if (uncaptured.length < MAX_KEPT_MESSAGES) uncaptured.push(error.message);
  };
  device.addEventListener("uncapturederror", listen);
  const arena = new Arena(device);
  // An emulated GPU has a thread a core and few lanes a thread; a real one wants many lanes at once.
  const workgroupSize = facts.isSoftware ? coreLanes(facts) : 64;
  const queue = new GpuQueue(device, arena, () => failure);
  return {
    device,
    facts,
    arena,
    queue,
    kernels: new KernelCache(device, queue.steps.buffer, STEP_BYTES, workgroupSize),
    results: new ResultRing(arena.storage("results", RESULT_WORDS * 4), RESULT_WORDS),
    lost,
    uncaptured,
    dispose() {
      arena.dispose();
      device.removeEventListener("uncapturederror", listen);
      device.destroy();
    },
  };
}
