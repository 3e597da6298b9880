import { openCheckpoint } from "./checkpoint.js";
import type { ModelSource } from "./source.js";

/** A source that is opened at its first question, as one whose code has to be fetched; a failure is asked for again. */
export function lateSource(url: string, open: () => Promise<ModelSource>): ModelSource {
  let opening: Promise<ModelSource> | null = null;
  const opened = () => {
    opening ??= open().catch((error: unknown) => {
      opening = null;
      throw error;
    });
    return opening;
  };
  return {
    url,
    has: async (name, signal) => (await opened()).has(name, signal),
    json: async (name, signal) => (await opened()).json(name, signal),
    bytes: async (name, onProgress, signal) => (await opened()).bytes(name, onProgress, signal),
    file: async (name, signal) => (await opened()).file(name, signal),
    checkpoint: async (reading) => openCheckpoint(await opened(), reading),
    finish: async (signal) => (await opened()).finish?.(signal),
  };
}
