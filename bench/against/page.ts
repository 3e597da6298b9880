import type * as Library from "../../src/index.js";
import type { Block, Duelist, Way } from "./duel.js";

const models = new Map<string, Library.LanguageModel>();

async function run({ model, draft, promptIds, options }: Way): Promise<Block> {
  const target = models.get(model);
  if (!target) throw new Error(`${model} isn't loaded`);
  const given = { ...options, ...(draft ? { draft: models.get(draft) } : {}) };
  for await (const event of target.generate(promptIds, given)) {
    if (event.type !== "done") continue;
    const { tokensPerSecond, timeToFirstTokenMs, ownMs, forwards, dispatches } = event.metrics;
    return { ids: event.ids, tokensPerSecond, timeToFirstTokenMs, ownMs, forwards, dispatches };
  }
  throw new Error("the run ended without a done event");
}

const duelist: Duelist = {
  async open(url, folders) {
    const library: typeof Library = await import(/* @vite-ignore */ url);
    for (const folder of folders) models.set(folder, await library.load(`/models/${folder}/`, { device: "webgpu" }));
    return { ...(await library.adapter()) };
  },
  run,
  isVisible: () => document.visibilityState === "visible",
};
window.duelist = duelist;
