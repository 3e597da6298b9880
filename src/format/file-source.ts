import { access, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { missingFile, type ModelSource, parseJson } from "./source.js";
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
      const handle = await open(join(folder, name)).catch((error: unknown) => {
        throw fail(name, error);
      });
      try {
        const totalBytes = (await handle.stat()).size;
        const bytes = new Uint8Array(totalBytes);
        for (let loadedBytes = 0; loadedBytes < totalBytes; ) {
          signal?.throwIfAborted();
          const { bytesRead } = await handle
            .read(bytes, loadedBytes, Math.min(PART_BYTES, totalBytes - loadedBytes), loadedBytes)
            .catch((error: unknown) => {
              throw fail(name, error);
            });
          if (bytesRead === 0) {
            throw new ModelLoadError(
              `${name} in ${folder} broke off after ${loadedBytes} of ${totalBytes} bytes.`,
              "truncated",
            );
          }
          loadedBytes += bytesRead;
          onProgress?.({ loadedBytes, totalBytes });
        }
        return bytes;
      } finally {
        await handle.close();
      }
    },
  };
}
