import { UnsupportedDeviceError } from "../../vocabulary/errors.js";
import { beginRuntime } from "./create-session.js";
import type { OnnxRuntime } from "./onnx-graph.js";
import { runtimeFolder } from "./runtime-folder.js";

/**
 * ONNX Runtime's WebAssembly build, of the package's own files (14 MB, fetched now and not before): in a page, a worker or Node. One thread,
 * unless more were measured faster: a small model's products are too short to share. Throws `UnsupportedDeviceError` where they can't be had.
 */
export async function loadWebAssemblyRuntime(numThreads = 1): Promise<OnnxRuntime> {
  const script = `${runtimeFolder}ort.wasm.min.mjs`;
  let runtime: OnnxRuntime;
  try {
    runtime = (await import(/* @vite-ignore */ script)) as OnnxRuntime;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UnsupportedDeviceError(
      `ONNX Runtime can't be loaded from ${script} (${reason}): serve the folder onnxruntime of the package beside its worker.js.`,
    );
  }
  Object.assign(runtime.env.wasm, { wasmPaths: runtimeFolder, numThreads });
  // What goes wrong is thrown; it would be printed as well.
  runtime.env.logLevel = "fatal";
  beginRuntime(runtime);
  return runtime;
}
