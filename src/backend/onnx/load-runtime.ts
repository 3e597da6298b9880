import { UnsupportedDeviceError } from "../../vocabulary/errors.js";
import { beginRuntime } from "./create-session.js";
import type { OnnxRuntime } from "./onnx-graph.js";
import { runtimeFolder } from "./runtime-folder.js";

/** A build of ONNX Runtime: its script, and what else of its folder that loads. */
interface Build {
  script: string;
  /** Without `.mjs` and `.wasm`. */
  wasm: string;
}

/** On the CPU alone. */
const WASM: Build = { script: "ort.wasm.min.mjs", wasm: "ort-wasm-simd-threaded" };
/** With WebGPU and WebNN, for browsers whose WebAssembly can wait (JSPI): 10 MB smaller than the one below. */
const WAITING: Build = { script: "ort.jspi.min.mjs", wasm: "ort-wasm-simd-threaded.jspi" };
const REWOUND: Build = { script: "ort.webgpu.min.mjs", wasm: "ort-wasm-simd-threaded.asyncify" };

const SERVE = "serve the folder onnxruntime of the package beside its worker.js";

/**
 * ONNX Runtime's WebAssembly build, of the package's own files (14 MB, fetched now and not before): in a page, a worker or Node. One thread,
 * unless more were measured faster: a small model's products are too short to share. Throws `UnsupportedDeviceError` where they can't be had.
 */
export async function loadWebAssemblyRuntime(numThreads = 1, whatToDo = SERVE): Promise<OnnxRuntime> {
  const runtime = await load(WASM, whatToDo);
  // Fixed once WebAssembly starts.
  runtime.env.wasm.numThreads = numThreads;
  beginRuntime(runtime);
  return runtime;
}

/**
 * The build with the providers `webgpu` and `webnn` (17 MB, or 27 where WebAssembly can't wait), which the package doesn't have: of the same
 * folder, fetched now and not before. Throws `UnsupportedDeviceError` where it isn't there.
 */
export function loadProviderRuntime(): Promise<OnnxRuntime> {
  const build = "Suspending" in WebAssembly ? WAITING : REWOUND;
  const { script, wasm } = build;
  const files = `${script}, ${wasm}.mjs and ${wasm}.wasm`;
  return load(build, `copy ${files} of the package onnxruntime-web (dist/) there, or take device "wasm"`);
}

async function load({ script }: Build, whatToDo: string): Promise<OnnxRuntime> {
  const address = `${runtimeFolder}${script}`;
  let runtime: OnnxRuntime;
  try {
    runtime = (await import(/* @vite-ignore */ address)) as OnnxRuntime;
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split(" imported from ");
    throw new UnsupportedDeviceError(`ONNX Runtime can't be loaded from ${address} (${reason}): ${whatToDo}.`);
  }
  Object.assign(runtime.env.wasm, { wasmPaths: runtimeFolder, numThreads: 1 });
  // What goes wrong is thrown; it would be printed as well.
  runtime.env.logLevel = "fatal";
  return runtime;
}
