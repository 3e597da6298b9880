import type { InferenceSession } from "onnxruntime-web";

/** Where ONNX Runtime computes, and what it can do there. */
export interface Provider {
  /** Of its device, as it is asked for. */
  name: "wasm" | "webnn" | "onnx-webgpu" | "node";
  /** As the runtime is asked for it. */
  execution: InferenceSession.ExecutionProviderConfig;
  /** What computes there, in its own words; of the CPU, which the runtime knows no more of, its threads. */
  words: string;
  /** It is a CPU. */
  isSoftware: boolean;
  /** It multiplies with matrices of 8 and 4 bits as they are; else they are stored as the numbers that they stand for. */
  isPacked: boolean;
  /** Says why it is gone; left out where that takes the process with it. */
  lost?: Promise<string>;
}

/** The CPU, as WebAssembly on so many threads. */
export const onThreads = (count: number): Provider => ({
  name: "wasm",
  execution: "wasm",
  words: `wasm, ${count} thread${count === 1 ? "" : "s"}`,
  isSoftware: true,
  isPacked: false,
});
