import type { Contender } from "./contender.js";
import { loadTransformersJs } from "./transformers-js.js";
import { library, loadTriptych } from "./triptych.js";

const contenders = new Map<string, Contender>();

window.bench = {
  async load(name, spec) {
    const startMs = performance.now();
    const isOurs = spec.runtime === "triptych";
    contenders.set(name, await (isOurs ? loadTriptych(spec.url) : loadTransformersJs(spec.url, spec.device)));
    return performance.now() - startMs;
  },
  generate(name, promptIds, numNewTokens) {
    const contender = contenders.get(name);
    if (!contender) throw new Error(`${name} isn't loaded`);
    return contender.generate(promptIds, numNewTokens);
  },
  async facts() {
    const { adapter } = await library();
    const features = (await navigator.gpu.requestAdapter())?.features ?? [];
    return {
      adapter: { ...(await adapter()), features: [...features].sort() },
      isIsolated: crossOriginIsolated,
      isVisible: document.visibilityState === "visible",
    };
  },
};
