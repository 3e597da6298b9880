import { access, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { missingFile, type ModelSource, parseJson, type Progress } from "./source.js";
import { ModelLoadError } from "../vocabulary/errors.js";

const PART_BYTES = 1 << 24;

/** A model folder on this machine's disk (Node only). */
export function fileSource(folder: string): ModelSource {
  const fail = (name: string, error: unknown): ModelLoadError => {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    if (code === "ENOENT" || code === "ENOTDIR") return missingFile(name, folder);
    return new ModelLoadError(
      `${name} in ${folder} can't be read (${code}): check its permissions.`,
      "unreadable_file",
    );
  };
  const openFile = async (name: string) => {
    const handle = await open(join(folder, name)).catch((error: unknown) => {
      throw fail(name, error);
    });
    const byteLength = (await handle.stat()).size;
    return {
      byteLength,
      async read(begin: number, end: number, signal?: AbortSignal, onProgress?: (progress: Progress) => void) {
        const bytes = new Uint8Array(end - begin);
        for (let loadedBytes = 0; loadedBytes < bytes.length; ) {
          signal?.throwIfAborted();
          const { bytesRead } = await handle
            .read(bytes, loadedBytes, Math.min(PART_BYTES, bytes.length - loadedBytes), begin + loadedBytes)
            .catch((error: unknown) => {
              throw fail(name, error);
            });
          if (bytesRead === 0) {
            throw new ModelLoadError(
              `${name} in ${folder} broke off after ${begin + loadedBytes} of ${byteLength} bytes.`,
              "truncated",
            );
          }
          loadedBytes += bytesRead;
          onProgress?.({ loadedBytes, totalBytes: bytes.length });
        }
        return bytes;
      },
      close: () => handle.close(),
    };
  };
  return {
    url: folder,
    has: (name) =>
      access(join(folder, name)).then(
        () => true,
        () => false,
      ),
    async json(name, signal) {
      const text = await readFile(join(folder, name), { encoding: "utf8", signal }).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw fail(name, error);
      });
      return parseJson(text, name, folder);
    },
    async bytes(name, onProgress, signal) {
      const file = await openFile(name);
      try {
        return await file.read(0, file.byteLength, signal, onProgress);
      } finally {
        await file.close();
      }
    },
    async file(name, signal) {
      signal?.throwIfAborted();
      return openFile(name);
    },
  };
}
