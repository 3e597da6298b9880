import { InvalidOptionError } from "./errors.js";

/**
 * Where models run: `webgpu` on Triptych's own kernels; the others in ONNX Runtime, as WebAssembly, on WebNN, on its own WebGPU
 * kernels, or as its native build in Node.
 */
export type DeviceName = "webgpu" | "wasm" | "webnn" | "onnx-webgpu" | "node";

/** Those that a page can have. */
export const PAGE_DEVICES = ["webgpu", "wasm", "webnn", "onnx-webgpu"] as const satisfies readonly DeviceName[];

/** The name that leaves the choice to what is there. */
export const AUTO = "auto";

/** The device of this name among `names`. Throws `InvalidOptionError` that says which there are. */
export function namedDevice<Name extends DeviceName>(name: string, names: readonly Name[]): Name {
  const found = names.find((one) => one === name);
  if (found) return found;
  const asked = name === "" ? "empty" : JSON.stringify(name);
  throw new InvalidOptionError(`device can't be ${asked} here: give one of ${[AUTO, ...names].join(", ")}.`);
}

/** Where a model runs, and why there. */
export interface ModelDevice {
  name: DeviceName;
  /** What computes there, in its own words. */
  description: string;
  /** It is a CPU: its times say nothing about GPUs. */
  isSoftware: boolean;
  /** One sentence. */
  why: string;
}

/** Chromium gives a page no more of llvmpipe than the architecture "software". */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|warp|basic render|\bsoftware\b/i;

/** Whether a WebGPU adapter says of itself that it is a CPU. */
export function isSoftwareAdapter({
  architecture,
  description,
  device,
  isFallbackAdapter,
}: Pick<GPUAdapterInfo, "architecture" | "description" | "device" | "isFallbackAdapter">): boolean {
  return isFallbackAdapter || SOFTWARE.test(`${architecture} ${description} ${device}`);
}
