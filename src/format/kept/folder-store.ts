import { mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Store } from "./store.js";

/** A store in a folder of this machine's disk (Node only). */
export function folderStore(root: string, partBytes = 1 << 22): Store {
  const names = (folder: string): Promise<string[]> => readdir(join(root, folder)).catch(() => []);
  return {
    kind: "folder",
    partBytes,
    folders: () => names("."),
    async parts(folder) {
      const sizes = (await names(folder)).map(
        async (name) => [name, (await stat(join(root, folder, name))).size] as const,
      );
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
    async write(folder, part) {
      await mkdir(join(root, folder), { recursive: true });
      const handle = await open(join(root, folder, part), "w");
      return {
        async write(bytes) {
          await handle.writeFile(bytes);
        },
        close: () => handle.close(),
      };
    },
    remove: (folder, part = "") => rm(join(root, folder, part), { recursive: true, force: true }),
  };
}
