import type { PartWriter, Store } from "./store.js";

/** As browsers have it in workers; TypeScript's types of a page lack it. */
interface SyncAccessHandle {
  write(bytes: Uint8Array, how: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}
type SyncFileHandle = FileSystemFileHandle & {
  createSyncAccessHandle(): Promise<SyncAccessHandle>;
  move?(parent: FileSystemDirectoryHandle, name: string): Promise<void>;
};

/** The folder of the origin private file system that holds everything. */
const ROOT = "triptych";
/** Behind the name of a part that is to take another's place. */
const NEW = "~";
/** Times that a part is read anew while another tab writes it. */
const MAX_TRIES = 5;

/** A store in the origin private file system, for a dedicated worker. Rejects where there is none. */
export async function opfsStore(partBytes = 1 << 22): Promise<Store> {
  const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(ROOT, { create: true });
  const folderOf = (folder: string) => root.getDirectoryHandle(folder).catch(absent);
  return {
    kind: "opfs",
    partBytes,
    async folders() {
      const names: string[] = [];
      for await (const name of root.keys()) names.push(name);
      return names;
    },
    async parts(folder) {
      const sizes = new Map<string, number>();
      for await (const [name, handle] of (await folderOf(folder))?.entries() ?? []) {
        if (handle.kind !== "file" || name.endsWith(NEW)) continue;
        const file = await (handle as FileSystemFileHandle).getFile().catch(absent);
        if (file) sizes.set(name, file.size);
      }
      return sizes;
    },
    async read(folder, part, begin, end) {
      const handle = await (await root.getDirectoryHandle(folder)).getFileHandle(part);
      for (let numTries = 1; ; numTries++) {
        try {
          // Not by a sync access handle, which keeps other tabs out.
          return new Uint8Array(await (await handle.getFile()).slice(begin, end).arrayBuffer());
        } catch (error) {
          // What is there was changed since it was opened, by another tab that writes.
          if (numTries === MAX_TRIES || (error as Error).name !== "NotReadableError") throw error;
        }
      }
    },
    async write(folder, part, isSmall = false) {
      const parent = await root.getDirectoryHandle(folder, { create: true });
      const movable = isSmall && "move" in FileSystemFileHandle.prototype;
      const written = movable ? part + NEW : part;
      const handle = (await parent.getFileHandle(written, { create: true })) as SyncFileHandle;
      const writer = syncWriter(await handle.createSyncAccessHandle());
      if (!movable) return writer;
      let isWhole = false;
      return {
        async write(bytes) {
          isWhole = false;
          await writer.write(bytes);
          isWhole = true;
        },
        async close() {
          await writer.close();
          // A store that is full has taken some of it: what was there before stays.
          if (isWhole) await replaced(parent, part, handle);
          else await parent.removeEntry(written).catch(absent);
        },
      };
    },
    async remove(folder, part) {
      if (part === undefined) await root.removeEntry(folder, { recursive: true }).catch(absent);
      else await (await folderOf(folder))?.removeEntry(part).catch(absent);
    },
  };
}

/** Gives a file the name of another, which it replaces. */
async function replaced(parent: FileSystemDirectoryHandle, name: string, handle: SyncFileHandle): Promise<void> {
  try {
    await handle.move?.(parent, name);
  } catch {
    // Not every browser moves a file onto another.
    await parent.removeEntry(name).catch(absent);
    await handle.move?.(parent, name);
  }
}

function syncWriter(handle: SyncAccessHandle): PartWriter {
  let at = 0;
  handle.truncate(0);
  return {
    async write(bytes) {
      const begin = at;
      try {
        for (let end = begin + bytes.length; at < end; ) {
          const left = bytes.subarray(at - begin);
          const numWritten = handle.write(left, { at });
          // Chromium returns an error's number as one without a sign: 4,294,967,288 where the quota is used up.
          if (!(numWritten > 0 && numWritten <= left.length))
            throw new DOMException("The storage takes nothing more.", "QuotaExceededError");
          at += numWritten;
        }
      } catch (error) {
        // Of what failed nothing counts.
        handle.truncate(begin);
        at = begin;
        throw error;
      }
    },
    async close() {
      try {
        handle.flush();
      } finally {
        handle.close();
      }
    },
  };
}

function absent(error: unknown): null {
  if (error instanceof DOMException && error.name === "NotFoundError") return null;
  throw error;
}
