import type { ListedFile } from "./hub-listing.js";
import { readPart, type Store } from "./store.js";
import type { About } from "./stored-file.js";

/** What is written down of a model that has been read, so that it can be listed, removed, and read without a network. */
export interface ModelRecord {
  /** As it is given to `load`. */
  address: string;
  /** Of a hub's: the commit that its revision was when it was last looked up. */
  commit: string | null;
  license: string | null;
  usedAtMs: number;
  /** All files that are known of, by name. */
  files: Record<string, ListedFile & { id: string; url: string }>;
  /** Those that have been asked for. */
  used: string[];
  /** Names that there is no file of. */
  absent: string[];
}

/** A model whose files are kept here, wholly or in part. */
export interface StoredModel {
  address: string;
  commit: string | null;
  /** As the hub has it: `apache-2.0`; null where it isn't said. */
  license: string | null;
  /** When it was last read, in milliseconds since 1970. */
  usedAtMs: number;
  /** Bytes of its files that have been asked for; null while the length of one isn't known. */
  byteLength: number | null;
  /** Bytes that are here. */
  storedBytes: number;
  files: StoredModelFile[];
}

/** A file that is kept here, wholly or in part. */
export interface StoredModelFile {
  name: string;
  byteLength: number | null;
  storedBytes: number;
}

/** The folder of the store that has the records. */
export const RECORDS = "models";

/** All records of a store. */
export async function recordsOf(store: Store): Promise<ModelRecord[]> {
  const names = [...(await store.parts(RECORDS)).keys()];
  const records = await Promise.all(names.map((name) => readPart(store, RECORDS, name)));
  return records.filter((record) => record !== null) as ModelRecord[];
}

/** The models of which something is kept in a store, the one that was last read first: an address that nothing came from is none. */
export async function storedModels(store: Store): Promise<StoredModel[]> {
  const all = await Promise.all((await recordsOf(store)).map((record) => listed(store, record)));
  return all.filter(({ storedBytes }) => storedBytes > 0).sort((a, b) => b.usedAtMs - a.usedAtMs);
}

async function listed(
  store: Store,
  { address, commit, license, usedAtMs, files, used }: ModelRecord,
): Promise<StoredModel> {
  const stored = await Promise.all(
    used.map(async (name) => {
      const { id, byteLength } = files[name];
      const parts = await store.parts(id);
      const about = (await readPart(store, id, "about")) as About | null;
      parts.delete("about");
      const storedBytes = [...parts.values()].reduce((sum, part) => sum + part, 0);
      return { name, byteLength: byteLength ?? about?.byteLength ?? null, storedBytes };
    }),
  );
  const lengths = stored.map((file) => file.byteLength);
  const isKnown = lengths.every((byteLength) => byteLength !== null);
  return {
    address,
    commit,
    license,
    usedAtMs,
    byteLength: isKnown ? lengths.reduce((sum: number, byteLength) => sum + (byteLength ?? 0), 0) : null,
    storedBytes: stored.reduce((sum, file) => sum + file.storedBytes, 0),
    files: stored,
  };
}

/** The files of a model that have been asked for. */
export function idsOf({ files, used }: ModelRecord): string[] {
  return used.map((name) => files[name]?.id).filter((id) => id !== undefined);
}
