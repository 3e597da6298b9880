import type { ContenderSpec } from "./page/contender.js";
import { workload } from "./workload.js";

/** What `peers` loads and how it is run. */
export interface Entry {
  name: string;
  spec: ContenderSpec;
  numNewTokens: number;
  /** How long to run before anything counts: a wasm engine compiles its hot code again and again for seconds. */
  warmUpMs: number;
  warmUpTokens: number;
}

/** Names of the contenders that `gate` compares. */
export const NAMES = {
  ours: "Triptych, WebGPU, f32 weights",
  oursHalf: "Triptych, WebGPU, f16 weights as shipped",
  wasm: "transformers.js, wasm, 1 thread",
  webgpu: "transformers.js, WebGPU, plain graph",
};

/** About one token a second on a software adapter. */
const NUM_SLOW_TOKENS = 16;

/** The contenders, in the order of the first round. */
export const ENTRIES: readonly Entry[] = [
  {
    name: NAMES.ours,
    spec: { runtime: "triptych", url: "/peers/models/source/" },
    numNewTokens: workload.numNewTokens,
    warmUpTokens: workload.numNewTokens,
    warmUpMs: 4_000,
  },
  {
    name: NAMES.oursHalf,
    spec: { runtime: "triptych", url: "/models/story-ar/" },
    numNewTokens: workload.numNewTokens,
    warmUpTokens: workload.numNewTokens,
    warmUpMs: 4_000,
  },
  {
    name: NAMES.wasm,
    spec: { runtime: "transformers.js", url: "gqa", device: "wasm" },
    numNewTokens: workload.numNewTokens,
    warmUpTokens: workload.numNewTokens,
    warmUpMs: 9_000,
  },
  {
    name: NAMES.webgpu,
    spec: { runtime: "transformers.js", url: "plain", device: "webgpu" },
    numNewTokens: NUM_SLOW_TOKENS,
    warmUpTokens: 4,
    warmUpMs: 0,
  },
];
