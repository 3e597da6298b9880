import { UnsupportedDeviceError } from "../../../vocabulary/errors.js";
import { packageFault } from "../../../vocabulary/package-fault.js";
import { loadWebAssemblyRuntime } from "../load-runtime.js";
import { OnnxDevice } from "../onnx-device.js";
import { onThreads, type Provider } from "../provider.js";
import type { OnnxRuntime } from "../onnx-graph.js";

const REINSTALL = 'install triptych-lm anew, whose folder dist/onnxruntime has it, or take device "node" or "webgpu"';

const NATIVE: Provider = {
  name: "node",
  execution: "cpu",
  words: "cpu",
  isSoftware: true,
  isPacked: true,
};

/** ONNX Runtime in Node: its WebAssembly build, or its native one. Throws `UnsupportedDeviceError` where that can't be had. */
export async function openOnnx(kind: "wasm" | "node", pause: () => Promise<void>): Promise<OnnxDevice> {
  return kind === "wasm"
    ? new OnnxDevice(await loadWebAssemblyRuntime(1, REINSTALL), onThreads(1), pause)
    : new OnnxDevice(await loadNodeRuntime(), NATIVE, pause);
}

/** Of a package that is asked for by name: it holds native code. */
async function loadNodeRuntime(): Promise<OnnxRuntime> {
  const name: string = "onnxruntime-node";
  try {
    const runtime = (await import(/* @vite-ignore */ name)) as OnnxRuntime;
    runtime.env.logLevel = "error";
    return runtime;
  } catch (error) {
    throw new UnsupportedDeviceError(
      `Device "node" comes from the package "${name}", which ${packageFault(name, error)}. Install it (npm install ${name}), or take device "wasm".`,
    );
  }
}
