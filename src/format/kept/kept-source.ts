import { ModelLoadError } from "../../vocabulary/errors.js";
import { missingFile, type ModelSource, parseJson, type Progress, type SourceFile } from "../source.js";
import type { FileFacts } from "./download.js";
import type { KeptModels } from "./kept-models.js";
import type { Place } from "./place.js";

/** Bytes that are read at a time where a whole file is asked for. */
const READ_BYTES = 1 << 22;

/** A model folder whose files are fetched once, kept, and read from the store, while they come. */
export function keptSource(models: KeptModels, place: Place): ModelSource {
  const { url } = place;
  const opened = new Map<string, FileFacts>();

  async function open(name: string, signal?: AbortSignal): Promise<{ facts: FileFacts; file: SourceFile }> {
    // A file that wasn't there is no more in the record once it is asked for.
    const wasAbsent = (await models.record(url))?.absent.includes(name) ?? false;
    const facts = await place.facts(name, signal);
    try {
      return { facts, file: await models.files.open(facts, signal) };
    } catch (error) {
      throw await absence(name, wasAbsent, error);
    }
  }

  /** A file that there isn't is remembered: without a network, or a place to keep it, it can't be asked for. */
  async function absence(name: string, wasAbsent: boolean, error: unknown): Promise<unknown> {
    if (!(error instanceof ModelLoadError)) return error;
    const isAway = ["unreachable", "server_error", "no_store"].includes(error.code);
    if (error.code === "missing_file" || error.code === "refused" || (isAway && wasAbsent)) await place.onAbsent(name);
    return isAway && wasAbsent ? missingFile(name, url) : error;
  }

  async function readAll(name: string, onProgress?: (progress: Progress) => void, signal?: AbortSignal) {
    const { file } = await open(name, signal);
    try {
      const { byteLength: totalBytes } = file;
      const bytes = new Uint8Array(totalBytes);
      for (let begin = 0; begin < totalBytes; begin += READ_BYTES) {
        const end = Math.min(begin + READ_BYTES, totalBytes);
        bytes.set(await file.read(begin, end, signal), begin);
        onProgress?.({ loadedBytes: end, totalBytes });
      }
      return bytes;
    } finally {
      await file.close();
    }
  }

  /** What has changed while it was read is read again, once. */
  async function bytes(name: string, onProgress?: (progress: Progress) => void, signal?: AbortSignal) {
    try {
      return await readAll(name, onProgress, signal);
    } catch (error) {
      if (!(error instanceof ModelLoadError) || error.code !== "changed_file") throw error;
      return readAll(name, onProgress, signal);
    }
  }

  return {
    url,
    has: (name, signal) => place.has(name, signal),
    json: async (name, signal) => parseJson(new TextDecoder().decode(await bytes(name, undefined, signal)), name, url),
    bytes,
    async file(name, signal) {
      const { facts, file } = await open(name, signal);
      opened.set(name, facts);
      return file;
    },
    async finish(signal) {
      for (const facts of opened.values()) await models.files.finish(facts, signal);
      opened.clear();
    },
  };
}
