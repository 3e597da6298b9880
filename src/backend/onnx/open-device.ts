import { isSoftwareAdapter } from "../../vocabulary/device.js";
import { UnsupportedDeviceError } from "../../vocabulary/errors.js";
import { loadProviderRuntime, loadWebAssemblyRuntime } from "./load-runtime.js";
import { OnnxDevice } from "./onnx-device.js";
import { onThreads, type Provider } from "./provider.js";

/** ONNX Runtime in a browser on the provider of this name, whose build is fetched now and not before. `pause` lets messages and timers be handled. Throws `UnsupportedDeviceError`. */
export async function openOnnxDevice(
  name: Exclude<Provider["name"], "node">,
  pause: () => Promise<void>,
): Promise<OnnxDevice> {
  if (name === "wasm") return new OnnxDevice(await loadWebAssemblyRuntime(), onThreads(1), pause);
  const provider = await (name === "webnn" ? onWebNn() : onWebGpu());
  return new OnnxDevice(await loadProviderRuntime(), provider, pause);
}

/** The part of `navigator.ml` that is asked. */
interface WebNn {
  createContext(): Promise<unknown>;
}

/** The browser's own choice of what computes. Throws `UnsupportedDeviceError` where the API is there and nothing behind it. */
export async function onWebNn({ ml } = globalThis.navigator as { ml?: WebNn }): Promise<Provider> {
  const context = await ml?.createContext().catch((error: unknown) => {
    throw refusal("webnn", `WebNN's createContext failed (${error instanceof Error ? error.message : error})`);
  });
  if (!context) throw refusal("webnn", "navigator.ml is missing");
  return {
    name: "webnn",
    execution: { name: "webnn", context },
    words: "webnn",
    isSoftware: false,
    isPacked: false,
  };
}

/** What of an adapter the runtime's kernels use, where it is there. */
const FEATURES = ["shader-f16", "subgroups"] as const;
const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupsPerDimension",
] as const;

/** A device of the browser's adapter, for the runtime's own kernels. Throws `UnsupportedDeviceError` without an adapter. */
export async function onWebGpu({ gpu } = globalThis.navigator as { gpu?: GPU }): Promise<Provider> {
  const adapter = await gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw refusal("onnx-webgpu", gpu ? "WebGPU gives no adapter" : "navigator.gpu is missing");
  const { info, features, limits } = adapter;
  const device = await adapter.requestDevice({
    label: "onnxruntime",
    requiredFeatures: FEATURES.filter((feature) => features.has(feature)),
    requiredLimits: Object.fromEntries(LIMITS.map((limit) => [limit, limits[limit]])),
  });
  const words = info.description || info.device || `${info.vendor} ${info.architecture}`;
  return {
    name: "onnx-webgpu",
    execution: { name: "webgpu", device },
    words: `webgpu, ${words}`,
    isSoftware: isSoftwareAdapter(info),
    isPacked: true,
    lost: device.lost.then(({ message, reason }) => message || reason),
  };
}

const refusal = (name: Provider["name"], why: string) =>
  new UnsupportedDeviceError(`Device "${name}" can't be had here: ${why}. Take device "wasm" or "auto".`);
