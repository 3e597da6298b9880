import type { Contender } from "./contender.js";
import { type Arrival, decodeRate } from "./rate.js";

/** The part of ONNX Runtime Web that is used. */
interface OnnxRuntime {
  env: { logLevel: string; wasm: { wasmPaths: string; numThreads: number } };
  Tensor: {
    new (type: "int64", data: BigInt64Array, dims: readonly number[]): Tensor;
    new (type: "float32", data: Float32Array, dims: readonly number[]): Tensor;
  };
  InferenceSession: { create(url: string, options: Record<string, unknown>): Promise<Session> };
}

interface Tensor {
  getData(): Promise<ArrayLike<number>>;
  dispose(): void;
}

type Tensors = Record<string, Tensor>;

interface Session {
  inputNames: readonly string[];
  outputNames: readonly string[];
  run(feed: Tensors): Promise<Tensors>;
}

const RUNTIME = "/peers/node_modules/onnxruntime-web/dist/";

function indexOfLargest(logits: ArrayLike<number>, start: number): number {
  let best = start;
  for (let i = start + 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  return best - start;
}

/**
 * Bare sessions of ONNX Runtime Web with the shortest greedy loop there is: keys and values go from one run to the next
 * as the tensors they are (on WebGPU they stay there), and the logits are read for the choice of the token.
 */
export async function loadOnnxRuntime(
  folder: string,
  device: "wasm" | "webgpu",
  numThreads: number,
): Promise<Contender> {
  const module = `${RUNTIME}ort.${device}.min.mjs`;
  const { env, Tensor, InferenceSession }: OnnxRuntime = await import(/* @vite-ignore */ module);
  env.logLevel = "error";
  Object.assign(env.wasm, { wasmPaths: location.origin + RUNTIME, numThreads });
  const config = await (await fetch(`${folder}config.json`)).json();
  const cacheNames = Array.from({ length: config.num_hidden_layers }, (_, i) => [`${i}.key`, `${i}.value`]).flat();
  const onGpu = Object.fromEntries(cacheNames.map((name) => [`present.${name}`, "gpu-buffer"]));
  const session = await InferenceSession.create(`${folder}onnx/model.onnx`, {
    executionProviders: [device],
    ...(device === "webgpu" ? { preferredOutputLocation: onGpu } : {}),
  });
  const hasPositions = session.inputNames.includes("position_ids");
  const row = (ids: readonly number[]) => new Tensor("int64", BigInt64Array.from(ids, BigInt), [1, ids.length]);
  const count = (length: number, at: (i: number) => number) => row(Array.from({ length }, (_, i) => at(i)));
  const noKeys = () => new Tensor("float32", new Float32Array(0), [1, config.num_key_value_heads, 0, config.head_dim]);

  return {
    async generate(promptIds, numNewTokens) {
      let past: Tensors = Object.fromEntries(cacheNames.map((name) => [`past_key_values.${name}`, noKeys()]));
      const ids: number[] = [];
      const arrivals: Arrival[] = [];
      let tokens = promptIds;
      let length = 0;
      const startMs = performance.now();
      while (ids.length < numNewTokens) {
        const before = length;
        length += tokens.length;
        const feed: Tensors = { input_ids: row(tokens), attention_mask: count(length, () => 1), ...past };
        if (hasPositions) feed.position_ids = count(tokens.length, (i) => before + i);
        const { logits, ...present } = await session.run(feed);
        const values = await logits.getData();
        const token = indexOfLargest(values, values.length - config.vocab_size);
        ids.push(token);
        arrivals.push({ atMs: performance.now(), numTokens: 1 });
        for (const tensor of [logits, ...Object.values(past)]) tensor.dispose();
        past = Object.fromEntries(cacheNames.map((name) => [`past_key_values.${name}`, present[`present.${name}`]]));
        tokens = [token];
      }
      const totalMs = performance.now() - startMs;
      for (const tensor of Object.values(past)) tensor.dispose();
      return {
        ids,
        timeToFirstTokenMs: arrivals[0].atMs - startMs,
        totalMs,
        tokensPerSecond: decodeRate(arrivals, startMs),
      };
    },
  };
}
