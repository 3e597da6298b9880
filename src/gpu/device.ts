import { UnsupportedDeviceError } from "../errors.js";
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
  /** Number of errors that WebGPU reported outside any call; the texts of the first ones. */
  uncaptured: string[];
  dispose(): void;
}

/** Optional features, used when there; every one has a plain variant. */
const OPTIONAL_FEATURES: GPUFeatureName[] = ["shader-f16", "subgroups", "timestamp-query"];
const RESULT_WORDS = 1 << 16;
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|warp|basic render/i;

/** Reads the adapter's own words; never used to refuse, only to name and to choose variants. */
export function adapterFacts(adapter: GPUAdapter): AdapterFacts {
  const { vendor, architecture, description, device, isFallbackAdapter } = adapter.info;
  return {
    vendor,
    architecture,
    description: description || device,
    isSoftware: isFallbackAdapter || SOFTWARE.test(`${architecture} ${description} ${device}`),
    hasF16: adapter.features.has("shader-f16"),
    hasSubgroups: adapter.features.has("subgroups"),
    hasTimestamps: adapter.features.has("timestamp-query"),
  };
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
  throw new UnsupportedDeviceError(`WebGPU is here but gives no adapter (tried ${tried.join(", ")}). ${WHAT_TO_DO}`);
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
  let lostReason: string | null = null;
  const lost = device.lost.then((info) => {
    lostReason = info.message || info.reason || "unknown";
    return lostReason;
  });
  const uncaptured: string[] = [];
  device.addEventListener("uncapturederror", (event) => {
    if (uncaptured.length < 20) uncaptured.push((event as GPUUncapturedErrorEvent).error.message);
  });
  const arena = new Arena(device);
  const queue = new GpuQueue(device, arena, () => lostReason);
  return {
    device,
    facts,
    arena,
    queue,
    kernels: new KernelCache(device, queue.steps.buffer, STEP_BYTES),
    results: new ResultRing(arena.storage("results", RESULT_WORDS * 4), RESULT_WORDS),
    lost,
    uncaptured,
    dispose() {
      arena.dispose();
      device.destroy();
    },
  };
}
