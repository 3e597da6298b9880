import { AutoModelForCausalLM, env, type PreTrainedModel, PreTrainedTokenizer } from "@huggingface/transformers";
import type { Architecture } from "../architecture/architecture.js";
import { parseConfig } from "../architecture/config.js";
import { loadFamilies } from "../architecture/families.js";
import { openWeights } from "../architecture/open-weights.js";
import { buildCausalModel } from "../backend/onnx/causal-graph.js";
import { openCheckpoint } from "../format/checkpoint.js";
import { httpSource } from "../format/http-source.js";
import { optionalJson } from "../format/source.js";
import { breather } from "./breather.js";
import type { PeerDevice } from "./peer-protocol.js";

/** A model in transformers.js. */
export interface PeerModel {
  architecture: Architecture;
  model: PreTrainedModel;
  tokenizer: PreTrainedTokenizer;
  /** What computes, in words. */
  runtime: string;
}

/** The file that transformers.js asks for, which no folder has: it is made here. */
const GRAPH_FILE = /\/onnx\/model\.onnx$/;

/** Nothing of another host, and the WebAssembly of this build instead of a CDN's. */
Object.assign(env, { allowRemoteModels: false, allowLocalModels: true, useBrowserCache: false, useWasmCache: false });
const { onnx } = env.backends;
if (onnx.wasm) Object.assign(onnx.wasm, { wasmPaths: undefined, numThreads: 1 });

/**
 * The folder's model in transformers.js, which reads ONNX alone: its graph is built here, of the folder's own safetensors. Throws
 * `ModelLoadError`, or what transformers.js throws.
 */
export async function loadPeer(url: string, device: PeerDevice, onStage: (stage: string) => void): Promise<PeerModel> {
  const source = httpSource(url);
  onStage("Reading the weights");
  const modelConfig = await source.json("config.json");
  await loadFamilies(modelConfig);
  const read = parseConfig(modelConfig, {});
  const { architecture, weights } = await openWeights(read, await openCheckpoint(source));
  // With numbers of 32 bits: ONNX Runtime's WebGPU reads 16-bit ones only where a device computes with them.
  const building = buildCausalModel(architecture, weights).finally(() => weights.close());
  const { model: graph, weights: externalData } = await building;
  env.fetch = async (file: string | URL, init?: RequestInit) =>
    GRAPH_FILE.test(new URL(file, url).pathname) ? new Response(new Blob([Uint8Array.from(graph)])) : fetch(file, init);
  const folder = new URL(url);
  const name = folder.pathname.replace(/\/+$/, "").split("/").at(-1) ?? "";
  env.localModelPath = new URL(`${folder.pathname.replace(/\/+$/, "")}/..`, url).href;
  onStage(`Starting ONNX Runtime (${device})`);
  const session_options = { externalData };
  const model = await AutoModelForCausalLM.from_pretrained(name, { device, dtype: "fp32", session_options });
  // `AutoTokenizer` looks for its files on the hub alone.
  const files = [source.json("tokenizer.json"), optionalJson(source, "tokenizer_config.json")];
  const [json, config] = (await Promise.all(files)) as object[];
  const tokenizer = new PreTrainedTokenizer(json, config ?? {});
  const breathe = breather();
  const forward = model.forward.bind(model);
  model.forward = async (inputs) => {
    await breathe();
    return forward(inputs);
  };
  const { web, common } = onnx.versions ?? {};
  const threads = device === "wasm" ? ", 1 thread" : "";
  const runtime = `transformers.js ${env.version}, ONNX Runtime Web ${web ?? common} (${device}${threads})`;
  return { architecture, model, tokenizer, runtime };
}
