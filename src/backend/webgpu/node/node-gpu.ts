import { InvalidOptionError, UnsupportedDeviceError } from "../../../vocabulary/errors.js";
import { packageFault } from "../../../vocabulary/package-fault.js";
import { adapterFacts, type Gpu, openDevice } from "../gpu/device.js";
import { hasSystemDriver, useSwiftShader } from "./drivers.js";
import { restWhilePending } from "./rest.js";

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

// Dawn crashes when its instance is collected while a device still lives, so all stay until the process ends.
const instances: GPU[] = [];

async function loadDawn(): Promise<Dawn> {
  try {
    return (await import("webgpu")) as unknown as Dawn;
  } catch (error) {
    throw new UnsupportedDeviceError(
      `WebGPU in Node comes from the package "webgpu", which ${packageFault("webgpu", error)}. Install it: npm install webgpu`,
    );
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

/** WebGPU of this process: SwiftShader's with `software`, else of what `TRIPTYCH_ADAPTER` asks for, else of the system's adapter. */
export function findNodeGpu({ software = false }: { software?: boolean } = {}): Promise<GPU> {
  return nodeGpu(software ? "swiftshader" : (askedAdapter() ?? "any"));
}

/** A device of what `findNodeGpu` finds. */
export async function openNodeDevice(how: { software?: boolean } = {}): Promise<Gpu> {
  return openDevice({ gpu: await findNodeGpu(how) });
}
