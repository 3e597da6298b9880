import type { ContenderSpec } from "./page/contender.js";
import { workload } from "./workload.js";

/** What `peers` loads and how it is run. */
export interface Entry {
  name: string;
  spec: ContenderSpec;
  /** Computes in float32 from the checkpoint's own values, so its ids must be transformers'. */
  isFloat32: boolean;
  numNewTokens: number;
  /** How long to run before anything counts: a wasm engine compiles its hot code again and again for seconds. */
  warmUpMs: number;
  warmUpTokens: number;
  /** Its cold pages aren't timed: they are another's but for the threads, or so slow that nobody would wait for them. */
  isWarmOnly?: true;
}

/** Names of the contenders that goals and figures speak of. */
export const NAMES = {
  ours: "Triptych, WebGPU, f32 weights",
  oursHalf: "Triptych, WebGPU, f16 weights as shipped",
  oursWasm: "Triptych, wasm, 1 thread",
  auto: "Triptych, auto",
  bare: "ONNX Runtime Web, wasm, 1 thread",
  wasm: "transformers.js, wasm, 1 thread",
  webgpu: "transformers.js, WebGPU, plain graph",
};

/** Those that are ours. */
export const OURS: readonly string[] = [NAMES.ours, NAMES.oursHalf, NAMES.oursWasm, NAMES.auto];

const { numNewTokens } = workload;

const FULL_LENGTH = { isFloat32: true, numNewTokens, warmUpTokens: numNewTokens };
// About one token a second on a software adapter.
const SHORT = { isFloat32: true, numNewTokens: 16, warmUpTokens: 4, warmUpMs: 0, isWarmOnly: true } as const;
const OURS_WARM_UP_MS = 4_000;
const WASM_WARM_UP_MS = 9_000;
const WLLAMA_WARM_UP_MS = 6_000;

const TWO_THREADS = { isWarmOnly: true } as const;

const onnx = (device: "wasm" | "webgpu", numThreads: number) => ({ device, numThreads });
const wllama = (kind: string, numThreads: number): Entry => ({
  name: `wllama, ${kind}, ${numThreads} thread${numThreads > 1 ? "s" : ""}`,
  spec: {
    runtime: "wllama",
    url: `/peers/models/${kind}.gguf`,
    tokenizerUrl: "/peers/models/source/tokenizer.json",
    numThreads,
  },
  ...FULL_LENGTH,
  isFloat32: false,
  warmUpMs: WLLAMA_WARM_UP_MS,
  ...(numThreads > 1 ? TWO_THREADS : {}),
});

/** The contenders, in the order of the first round; each has a page of its own. */
export const ENTRIES: readonly Entry[] = [
  {
    name: NAMES.ours,
    spec: { runtime: "triptych", url: "/peers/models/source/", device: "webgpu" },
    ...FULL_LENGTH,
    warmUpMs: OURS_WARM_UP_MS,
  },
  {
    name: NAMES.oursHalf,
    spec: { runtime: "triptych", url: "/models/story-ar/", device: "webgpu" },
    ...FULL_LENGTH,
    warmUpMs: OURS_WARM_UP_MS,
  },
  {
    name: NAMES.oursWasm,
    spec: { runtime: "triptych", url: "/models/story-ar/", device: "wasm" },
    ...FULL_LENGTH,
    warmUpMs: WASM_WARM_UP_MS,
  },
  {
    name: NAMES.auto,
    spec: { runtime: "triptych", url: "/models/story-ar/", device: "auto" },
    ...FULL_LENGTH,
    warmUpMs: WASM_WARM_UP_MS,
  },
  {
    name: NAMES.wasm,
    spec: { runtime: "transformers.js", url: "gqa", ...onnx("wasm", 1) },
    ...FULL_LENGTH,
    warmUpMs: WASM_WARM_UP_MS,
  },
  {
    name: "transformers.js, wasm, 2 threads",
    spec: { runtime: "transformers.js", url: "gqa", ...onnx("wasm", 2) },
    ...FULL_LENGTH,
    warmUpMs: WASM_WARM_UP_MS,
    ...TWO_THREADS,
  },
  {
    name: NAMES.webgpu,
    spec: { runtime: "transformers.js", url: "plain", ...onnx("webgpu", 1) },
    ...SHORT,
  },
  {
    name: NAMES.bare,
    spec: { runtime: "onnxruntime-web", url: "/peers/models/gqa/", ...onnx("wasm", 1) },
    ...FULL_LENGTH,
    warmUpMs: WASM_WARM_UP_MS,
  },
  {
    name: "ONNX Runtime Web, wasm, 2 threads",
    spec: { runtime: "onnxruntime-web", url: "/peers/models/gqa/", ...onnx("wasm", 2) },
    ...FULL_LENGTH,
    warmUpMs: WASM_WARM_UP_MS,
    ...TWO_THREADS,
  },
  {
    name: "ONNX Runtime Web, WebGPU, plain graph",
    spec: { runtime: "onnxruntime-web", url: "/peers/models/plain/", ...onnx("webgpu", 1) },
    ...SHORT,
  },
  wllama("F16", 1),
  wllama("F16", 2),
  wllama("Q8_0", 1),
  wllama("Q8_0", 2),
];
