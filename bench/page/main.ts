import type { ColdRequest, ColdStart, Contender, ContenderSpec } from "./contender.js";
import { loadOnnxRuntime } from "./onnxruntime-web.js";
import { loadTransformersJs } from "./transformers-js.js";
import { library, loadTriptych } from "./triptych.js";
import { loadWllama } from "./wllama.js";

const contenders = new Map<string, Contender>();

function loadContender(spec: ContenderSpec): Promise<Contender> {
  switch (spec.runtime) {
    case "triptych":
      return loadTriptych(spec.url, spec);
    case "transformers.js":
      return loadTransformersJs(spec.url, spec.device, spec.numThreads);
    case "onnxruntime-web":
      return loadOnnxRuntime(spec.url, spec.device, spec.numThreads);
    case "wllama":
      return loadWllama(spec.url, spec.tokenizerUrl, spec.numThreads);
  }
}

async function startCold({ spec, promptIds }: ColdRequest): Promise<ColdStart> {
  const contender = await loadContender(spec);
  const loadedMs = performance.now();
  const { timeToFirstTokenMs } = await contender.generate(promptIds, 1);
  return { loadedMs, firstTokenMs: loadedMs + timeToFirstTokenMs, device: contender.device };
}

const cold = new URLSearchParams(location.search).get("cold");

window.bench = {
  async load(name, spec) {
    if (!crossOriginIsolated)
      throw new Error("the page isn't cross-origin isolated: WebAssembly would have no threads");
    const startMs = performance.now();
    contenders.set(name, await loadContender(spec));
    return performance.now() - startMs;
  },
  async generate(name, promptIds, numNewTokens, sampling) {
    const contender = contenders.get(name);
    if (!contender) throw new Error(`${name} isn't loaded`);
    const sample = await contender.generate(promptIds, numNewTokens, sampling);
    if (document.visibilityState !== "visible") throw new Error("the page is hidden: browsers slow hidden pages down");
    return sample;
  },
  async adapter() {
    const { adapter } = await library();
    const features = (await navigator.gpu.requestAdapter())?.features ?? [];
    return { ...(await adapter()), features: [...features].sort() };
  },
  coldStart: cold === null ? null : startCold(JSON.parse(cold)),
};
