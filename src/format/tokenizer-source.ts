import type { ModelSource } from "./source.js";

/** Files that say how a model's texts become ids. */
const OF_TOKENIZERS: readonly string[] = ["tokenizer.json", "tokenizer_config.json"];

/** A folder whose tokenizer is another folder's: of models whose own folders have none. */
export function tokenizerSource(base: ModelSource, tokens: ModelSource): ModelSource {
  const of = (name: string) => (OF_TOKENIZERS.includes(name) ? tokens : base);
  return {
    url: base.url,
    has: (name, signal) => of(name).has(name, signal),
    json: (name, signal) => of(name).json(name, signal),
    bytes: (name, onProgress, signal) => of(name).bytes(name, onProgress, signal),
    file: (name, signal) => of(name).file(name, signal),
    ...(base.checkpoint && { checkpoint: base.checkpoint.bind(base) }),
    ...(base.finish && { finish: base.finish.bind(base) }),
  };
}
