import type { GgufFile } from "./gguf/open.js";
import { memoryFile, type ModelSource } from "./source.js";

/** Whether a name is that of a GGUF file. */
export function isGguf(name: string): boolean {
  return /\.gguf$/i.test(name);
}

/**
 * A GGUF file of a folder as a model folder of its own: config and tokenizer are made of its metadata, its tensors have the names and the
 * layout of their family's files. A part of a split file stands for all. Nothing is read, or fetched to read it, before the first question.
 */
export function ggufSource(
  folder: ModelSource,
  name: string,
  url = `${folder.url.replace(/\/$/, "")}/${name}`,
): ModelSource {
  let opening: Promise<GgufFile> | null = null;
  const open = (signal?: AbortSignal) => {
    const started = opening ?? import("./gguf/open.js").then(({ GgufFile }) => GgufFile.open(folder, name, signal));
    opening = started;
    // What failed, or was given up, may do better next time.
    started.catch(() => {
      if (opening === started) opening = null;
    });
    return started;
  };
  const json = async (file: string, signal?: AbortSignal) => {
    const content = (await open(signal)).json(file);
    if (content !== undefined) return content;
    throw (await import("./gguf/open.js")).noSuchFile(file, url);
  };
  return {
    url,
    has: async (file, signal) => (await open(signal)).json(file) !== undefined,
    json,
    async bytes(file, onProgress, signal) {
      const bytes = new TextEncoder().encode(JSON.stringify(await json(file, signal)));
      onProgress?.({ loadedBytes: bytes.length, totalBytes: bytes.length });
      return bytes;
    },
    async file(file, signal) {
      return memoryFile(new TextEncoder().encode(JSON.stringify(await json(file, signal))));
    },
    checkpoint: async (reading) => (await open(reading.signal)).checkpoint(reading),
  };
}
