import { constants } from "node:os";
import { findChromium, findSwiftShader } from "../../scripts/chromium.mjs";
import { InvalidOptionError, UnsupportedDeviceError } from "../vocabulary/errors.js";
import { adapterFacts } from "../backend/webgpu/gpu/device.js";

/** Which adapters are tried, in this order, by the names that `TRIPTYCH_ADAPTER` takes: Chromium's SwiftShader and the system's own. */
const ORDERS = {
  any: ["system", "swiftshader"],
  system: ["system"],
  swiftshader: ["swiftshader"],
  "prefer-swiftshader": ["swiftshader", "system"],
} as const;

/** A name of `ORDERS`. */
export type AdapterChoice = keyof typeof ORDERS;

/** What the variable `TRIPTYCH_ADAPTER` asks for, or null; throws `InvalidOptionError` for a name that there isn't. */
export function askedAdapter(): AdapterChoice | null {
  const name = process.env.TRIPTYCH_ADAPTER;
  if (!name) return null;
  if (Object.hasOwn(ORDERS, name)) return name as AdapterChoice;
  throw new InvalidOptionError(
    `TRIPTYCH_ADAPTER is ${JSON.stringify(name)}; it may be ${Object.keys(ORDERS).join(", ")}, or left out.`,
  );
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
  const adapter = await gpu.requestAdapter();
  if (adapter && adapterFacts(adapter).isSoftware) restWhilePending(dawn.globals);
  return adapter ? gpu : null;
}

const WHAT_TO_DO =
  "Install a Vulkan driver for your GPU, or Chromium or Chrome, whose software driver is used then " +
  "(Debian, Ubuntu: apt-get install chromium; elsewhere: npx playwright install chromium; or set CHROMIUM to its path).";

const ATTEMPTS: Record<"system" | "swiftshader", { name: string; isThere(): boolean }> = {
  system: { name: "the system's adapter", isThere: hasSystemDriver },
  swiftshader: { name: "Chromium's SwiftShader", isThere: useSwiftShader },
};

/**
 * WebGPU for Node, also put in place as `navigator.gpu` with its globals: by default of the first of the system's adapter and
 * a found Chromium's SwiftShader. Throws `UnsupportedDeviceError` that says what to install when there is none.
 */
export async function nodeGpu(adapter: AdapterChoice = "any"): Promise<GPU> {
  const dawn = await loadDawn();
  const attempts = ORDERS[adapter].map((name) => ATTEMPTS[name]);
  for (const { isThere } of attempts) {
    const gpu = isThere() ? await withAdapter(dawn) : null;
    if (gpu) return install(gpu, dawn.globals);
  }
  const tried = attempts.map(({ name }) => name).join(", then ");
  throw new UnsupportedDeviceError(`No WebGPU adapter (tried ${tried}). ${WHAT_TO_DO}`);
}
