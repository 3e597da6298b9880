import { UnsupportedDeviceError } from "../../../vocabulary/errors.js";
import { OnnxDevice } from "../onnx-device.js";
import type { OnnxRuntime } from "../onnx-graph.js";

/** Where ONNX Runtime computes in Node: its WebAssembly build, or its native one. */
const KINDS = {
  wasm: { name: "onnxruntime-web", provider: "wasm" },
  node: { name: "onnxruntime-node", provider: "cpu" },
} as const;

/** ONNX Runtime in Node, of a package that is asked for by name. Throws `UnsupportedDeviceError` where that isn't installed. */
export async function openOnnx(kind: keyof typeof KINDS, pause: () => Promise<void>): Promise<OnnxDevice> {
  const { name, provider } = KINDS[kind];
  let runtime: OnnxRuntime;
  try {
    runtime = (await import(/* @vite-ignore */ name)) as OnnxRuntime;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new UnsupportedDeviceError(
      `Device "${kind}" in Node comes from the package "${name}", which could not be loaded (${reason}). Install it: npm install ${name}`,
    );
  }
  // One thread: others cost more than they give where a forward is this short.
  if (kind === "wasm") runtime.env.wasm.numThreads = 1;
  runtime.env.logLevel = "error";
  return new OnnxDevice(runtime, provider, pause);
}
