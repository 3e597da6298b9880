import type { Contender } from "./contender.js";
import { type Arrival, decodeRate } from "./rate.js";

/** The part of transformers.js that is used. */
interface TransformersJs {
  env: {
    allowRemoteModels: boolean;
    allowLocalModels: boolean;
    localModelPath: string;
    useBrowserCache: boolean;
    useWasmCache: boolean;
    backends: { onnx: { wasm: { wasmPaths: unknown; numThreads: number } } };
  };
  Tensor: new (type: "int64", data: BigInt64Array, dims: number[]) => unknown;
  AutoModelForCausalLM: {
    from_pretrained(name: string, options: { device: string; dtype: string }): Promise<GenerativeModel>;
  };
}

interface GenerativeModel {
  generate(options: Record<string, unknown>): Promise<{ data: BigInt64Array }>;
}

const MODULES = "/peers/node_modules";
const RUNTIME = `${MODULES}/onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify`;
/** No id of the vocabulary: every contender writes the asked number of tokens. */
const NEVER_ENDS = 999_999;

async function transformersJs(numThreads: number): Promise<TransformersJs> {
  const url = `${MODULES}/@huggingface/transformers/dist/transformers.min.js`;
  const library: TransformersJs = await import(/* @vite-ignore */ url);
  const { env } = library;
  Object.assign(env, { allowRemoteModels: false, allowLocalModels: true, localModelPath: "/peers/models/" });
  Object.assign(env, { useBrowserCache: false, useWasmCache: false });
  const wasmPaths = { mjs: `${location.origin}${RUNTIME}.mjs`, wasm: `${location.origin}${RUNTIME}.wasm` };
  Object.assign(env.backends.onnx.wasm, { wasmPaths, numThreads });
  return library;
}

/** transformers.js on the page's main thread, greedy, float32; its tokens are timed by its streamer. */
export async function loadTransformersJs(
  name: string,
  device: "wasm" | "webgpu",
  numThreads: number,
): Promise<Contender> {
  const { Tensor, AutoModelForCausalLM } = await transformersJs(numThreads);
  const model = await AutoModelForCausalLM.from_pretrained(name, { device, dtype: "fp32" });
  return {
    async generate(promptIds, numNewTokens) {
      const dims = [1, promptIds.length];
      const arrivals: Arrival[] = [];
      let isPrompt = true;
      const startMs = performance.now();
      const { data } = await model.generate({
        inputs: new Tensor("int64", BigInt64Array.from(promptIds, BigInt), dims),
        attention_mask: new Tensor("int64", new BigInt64Array(promptIds.length).fill(1n), dims),
        max_new_tokens: numNewTokens,
        do_sample: false,
        eos_token_id: NEVER_ENDS,
        streamer: {
          put() {
            if (!isPrompt) arrivals.push({ atMs: performance.now(), numTokens: 1 });
            isPrompt = false;
          },
          end() {},
        },
      });
      return {
        ids: Array.from(data.slice(promptIds.length), Number),
        timeToFirstTokenMs: arrivals[0].atMs - startMs,
        totalMs: performance.now() - startMs,
        tokensPerSecond: decodeRate(arrivals, startMs),
      };
    },
  };
}
