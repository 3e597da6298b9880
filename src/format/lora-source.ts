import type { ModelSource } from "./source.js";

/**
 * A folder whose weights have a PEFT LoRA adapter added, in float32, as they are read: whoever loads it knows of none. `lora`: the
 * adapter's folder (`adapter_config.json`, `adapter_model.safetensors`). What can't be merged is a `ModelLoadError` by name.
 */
export function loraSource(base: ModelSource, lora: ModelSource): ModelSource {
  return {
    url: base.url,
    has: (name, signal) => base.has(name, signal),
    json: (name, signal) => base.json(name, signal),
    bytes: (name, onProgress, signal) => base.bytes(name, onProgress, signal),
    file: (name, signal) => base.file(name, signal),
    checkpoint: async (reading) => (await import("./lora/merge.js")).openMerged(base, lora, reading),
    // Either may have changed while it was read.
    async finish(signal) {
      await base.finish?.(signal);
      await lora.finish?.(signal);
    },
  };
}
