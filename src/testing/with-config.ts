import type { ModelSource } from "../format/source.js";

/** The same folder with its `config.json` changed: fewer layers, say, or another context. */
export function withConfig(source: ModelSource, changes: object): ModelSource {
  return {
    ...source,
    async json(name, signal) {
      const content = await source.json(name, signal);
      return name === "config.json" ? { ...(content as object), ...changes } : content;
    },
  };
}
