/** Where files are kept: the origin private file system, IndexedDB, memory, or a folder of this machine. */
export type StoreKind = "opfs" | "indexeddb" | "memory" | "folder";

/** Where files of models are kept between visits: folders of parts, each of which is written once. */
export interface Store {
  readonly kind: StoreKind;
  /** A file is cut into parts of so many bytes. */
  readonly partBytes: number;
  folders(): Promise<string[]>;
  /** Byte lengths of a folder's parts by name; none where there is no such folder. */
  parts(folder: string): Promise<Map<string, number>>;
  /** Bytes of a part, from `begin` up to `end`. */
  read(folder: string, part: string, begin: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Begins a part, in place of one of that name. `isSmall`: which stays, as far as the store can, until all of the new one is written. */
  write(folder: string, part: string, isSmall?: boolean): Promise<PartWriter>;
  /** Removes a part, or the folder with all of them; nothing happens where there is none. */
  remove(folder: string, part?: string): Promise<void>;
}

/** A part that is being written. What was written before a page went away is kept, as far as the store can. */
export interface PartWriter {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Writes a part that is small, at once. */
export async function writePart(store: Store, folder: string, part: string, value: unknown): Promise<void> {
  const writer = await store.write(folder, part, true);
  try {
    await writer.write(new TextEncoder().encode(JSON.stringify(value)));
  } finally {
    await writer.close();
  }
}

/** The JSON of a part; null where there is none, or what a page that went away has left of it. */
export async function readPart(store: Store, folder: string, part: string): Promise<unknown> {
  const byteLength = (await store.parts(folder)).get(part);
  if (byteLength === undefined) return null;
  try {
    return JSON.parse(new TextDecoder().decode(await store.read(folder, part, 0, byteLength)));
  } catch {
    return null;
  }
}

/** A store that lasts as long as this process. */
export function memoryStore(partBytes = 1 << 20): Store {
  const kept = new Map<string, Map<string, Uint8Array<ArrayBuffer>>>();
  return {
    kind: "memory",
    partBytes,
    folders: async () => [...kept.keys()],
    parts: async (folder) => new Map([...(kept.get(folder) ?? [])].map(([name, bytes]) => [name, bytes.length])),
    async read(folder, part, begin, end) {
      return (kept.get(folder)?.get(part) ?? new Uint8Array(0)).slice(begin, end);
    },
    write: async (folder, part) =>
      wholeWriter(async (bytes) => {
        kept.set(folder, (kept.get(folder) ?? new Map()).set(part, bytes));
      }),
    async remove(folder, part) {
      if (part === undefined) kept.delete(folder);
      else kept.get(folder)?.delete(part);
    },
  };
}

/** A part that is put away at once when it is closed. */
export function wholeWriter(put: (bytes: Uint8Array<ArrayBuffer>) => Promise<void>): PartWriter {
  const pieces: Uint8Array[] = [];
  return {
    async write(bytes) {
      pieces.push(bytes.slice());
    },
    async close() {
      const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
      let begin = 0;
      for (const piece of pieces) {
        whole.set(piece, begin);
        begin += piece.length;
      }
      await put(whole);
    },
  };
}
