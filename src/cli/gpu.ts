import { constants } from "node:os";
import { findChromium, findSwiftShader } from "../../scripts/chromium.mjs";
import { UnsupportedDeviceError } from "../errors.js";

/** Which adapter `nodeGpu` takes. `any`: the system's, else software. */
export interface NodeGpuOptions {
  adapter?: "any" | "software" | "prefer-software";
}

interface Dawn {
  create(options: string[]): GPU;
  globals: Record<string, unknown>;
}

// glibc's flag that keeps a library loaded after a failed dlopen of it as a Node addon.
const RTLD_NODELETE = 0x1000;

// Dawn crashes when its instance is collected while a device still lives, so all stay until the process ends.
const instances: GPU[] = [];

async function loadDawn(): Promise<Dawn> {
  try {
    return (await import("webgpu")) as unknown as Dawn;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new UnsupportedDeviceError(
      `WebGPU in Node comes from the package "webgpu", which could not be loaded (${reason}). Install it: npm install webgpu`,
    );
  }
}

/** Loads a library into the process by path or name; false when it isn't there. */
function loadLibrary(library: string): boolean {
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_NOW | constants.dlopen.RTLD_GLOBAL | RTLD_NODELETE);
  } catch (error) {
    // A library that is no Node addon is loaded, then refused; it stays loaded.
    return error instanceof Error && error.message.includes("self-register");
  }
  return true;
}

/** Asked beforehand, because Dawn warns on stderr when the Vulkan loader is missing. */
function hasSystemDriver(): boolean {
  return process.platform !== "linux" || loadLibrary("libvulkan.so.1");
}

/** Makes Chromium's SwiftShader the Vulkan driver of this process; false when there is none. */
function useSwiftShader(): boolean {
  const chromium = findChromium();
  const driver = chromium && findSwiftShader(chromium);
  if (!driver) return false;
  process.env.VK_ICD_FILENAMES = driver.icd;
  process.env.VK_DRIVER_FILES = driver.icd;
  return hasSystemDriver() || (driver.loader !== null && loadLibrary(driver.loader));
}

/** What waits for the device. */
const WAITING = [
  ["GPUBuffer", "mapAsync"],
  ["GPUDevice", "createComputePipelineAsync"],
  ["GPUQueue", "onSubmittedWorkDone"],
] as const;

/** How long the event loop rests between two looks at what is pending. */
const REST_MS = 0.3;
const rested = new WeakSet<object>();

/**
 * Dawn asks for results in a busy loop, which takes a core from a software adapter. While something is pending, the loop
 * rests between two looks; a real GPU's results would only be late.
 */
function restWhilePending(globals: Record<string, unknown>): void {
  if (rested.has(globals)) return;
  rested.add(globals);
  const cell = new Int32Array(new SharedArrayBuffer(4));
  let numPending = 0;
  /** One loop at a time, or a turn of the event loop would rest as often as there are loops. */
  let isResting = false;
  const rest = () => {
    isResting = numPending > 0;
    if (!isResting) return;
    Atomics.wait(cell, 0, 0, REST_MS);
    setImmediate(rest);
  };
  const counted = (pending: Promise<unknown>) => {
    numPending++;
    if (!isResting) setImmediate(rest);
    isResting = true;
    const settle = () => {
      numPending--;
    };
    pending.then(settle, settle);
    return pending;
  };
  for (const [type, method] of WAITING) {
    const { prototype } = globals[type] as { prototype: Record<string, (...args: unknown[]) => Promise<unknown>> };
    const original = prototype[method];
    prototype[method] = function (...args) {
      return counted(original.apply(this, args));
    };
  }
}

function install(gpu: GPU, globals: Record<string, unknown>): GPU {
  Object.assign(globalThis, globals);
  // Node 20 has no navigator; later ones have one without gpu.
  if (!globalThis.navigator) Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  Object.defineProperty(globalThis.navigator, "gpu", { value: gpu, configurable: true });
  return gpu;
}

async function withAdapter(dawn: Dawn): Promise<GPU | null> {
  const gpu = dawn.create([]);
  instances.push(gpu);
  return (await gpu.requestAdapter()) ? gpu : null;
}

const WHAT_TO_DO =
  "Install a Vulkan driver for your GPU, or Chromium or Chrome, whose software driver is used then " +
  "(Debian, Ubuntu: apt-get install chromium; elsewhere: npx playwright install chromium; or set CHROMIUM to its path).";

/**
 * WebGPU for Node, also put in place as `navigator.gpu` with its globals. The system's adapter, else the software
 * adapter of a found Chromium; throws `UnsupportedDeviceError` that says what to install when there is neither.
 */
export async function nodeGpu({ adapter = "any" }: NodeGpuOptions = {}): Promise<GPU> {
  const dawn = await loadDawn();
  const tried: string[] = [];
  const software = async () => {
    tried.push("Chromium's SwiftShader");
    const gpu = useSwiftShader() ? await withAdapter(dawn) : null;
    if (gpu) restWhilePending(dawn.globals);
    return gpu;
  };
  const system = async () => {
    tried.push("the system's adapter");
    return hasSystemDriver() ? withAdapter(dawn) : null;
  };
  const order = { any: [system, software], software: [software], "prefer-software": [software, system] }[adapter];
  for (const attempt of order) {
    const gpu = await attempt();
    if (gpu) return install(gpu, dawn.globals);
  }
  throw new UnsupportedDeviceError(`No WebGPU adapter (tried ${tried.join(", then ")}). ${WHAT_TO_DO}`);
}
