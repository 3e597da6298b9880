import { createStore, promisifyRequest } from "idb-keyval";
import { type Store, wholeWriter } from "./store.js";

/** A part's key: its length can be read without the part. */
type Key = [folder: string, part: string, byteLength: number];

/** Behind every key that begins so. */
const within = (...start: string[]) => IDBKeyRange.bound(start, [...start, []]);

/** A store in IndexedDB, for browsers whose workers have no file system. A part that isn't whole when the page goes away is lost. */
export function indexedDbStore(partBytes = 1 << 20): Store {
  const use = createStore("triptych-models", "parts");
  const keys = (range?: IDBKeyRange) =>
    use("readonly", (store) => promisifyRequest(store.getAllKeys(range))) as Promise<Key[]>;
  return {
    kind: "indexeddb",
    partBytes,
    folders: async () => [...new Set((await keys()).map(([folder]) => folder))],
    parts: async (folder) => new Map((await keys(within(folder))).map(([, part, byteLength]) => [part, byteLength])),
    async read(folder, part, begin, end) {
      const [bytes] = (await use("readonly", (store) =>
        promisifyRequest(store.getAll(within(folder, part), 1)),
      )) as Uint8Array<ArrayBuffer>[];
      return bytes.slice(begin, end);
    },
    write: async (folder, part) =>
      wholeWriter((bytes) =>
        use("readwrite", (store) => {
          store.delete(within(folder, part));
          store.put(bytes, [folder, part, bytes.length] satisfies Key);
          return promisifyRequest(store.transaction);
        }),
      ),
    async remove(folder, part) {
      await use("readwrite", (store) => {
        store.delete(part === undefined ? within(folder) : within(folder, part));
        return promisifyRequest(store.transaction);
      });
    },
  };
}
