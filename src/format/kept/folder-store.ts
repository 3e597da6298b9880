import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ModelLoadError } from "../../vocabulary/errors.js";
import type { Store } from "./store.js";

/** What a disk answers where a folder can't be made or written in. */
const REFUSALS = ["EACCES", "EPERM", "EROFS", "ENOTDIR", "ENOENT", "EEXIST"];

/** Does what writes in a folder of the cache; a disk that refuses it is a `ModelLoadError` that says what to do. */
export async function inWritable<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (!REFUSALS.includes(code)) throw error;
    throw new ModelLoadError(
      `Models are kept in ${dirname(folder)}, where nothing can be written (${code}): make it a folder that can be written in, or name another in TRIPTYCH_CACHE.`,
      "no_store",
    );
  }
}

/** Behind the name of a part that is to take another's place. */
const NEW = "~";

/** A store in a folder of this machine's disk (Node only). */
export function folderStore(root: string, partBytes = 1 << 22): Store {
  const names = (folder: string): Promise<string[]> => readdir(join(root, folder)).catch(() => []);
  return {
    kind: "folder",
    partBytes,
    folders: () => names("."),
    async parts(folder) {
      const whole = (await names(folder)).filter((name) => !name.endsWith(NEW));
      const sizes = whole.map(async (name) => [name, (await stat(join(root, folder, name))).size] as const);
      return new Map(await Promise.all(sizes));
    },
    async read(folder, part, begin, end) {
      const handle = await open(join(root, folder, part));
      try {
        const bytes = new Uint8Array(end - begin);
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, begin);
        return bytes.subarray(0, bytesRead);
      } finally {
        await handle.close();
      }
    },
    async write(folder, part, isSmall = false) {
      const file = join(root, folder, part);
      const written = isSmall ? file + NEW : file;
      const handle = await inWritable(root, async () => {
        await mkdir(join(root, folder), { recursive: true });
        return open(written, "w");
      });
      let isWhole = true;
      return {
        async write(bytes) {
          isWhole = false;
          await handle.writeFile(bytes);
          isWhole = true;
        },
        async close() {
          await handle.close();
          if (!isSmall) return;
          // A disk that is full has taken some of it.
          if (isWhole) await inWritable(root, () => rename(written, file));
          else await rm(written, { force: true });
        },
      };
    },
    remove: (folder, part = "") =>
      inWritable(root, () => rm(join(root, folder, part), { recursive: true, force: true })),
  };
}
