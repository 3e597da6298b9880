import { shortName } from "./digest.js";
import type { ListedFile } from "./hub-listing.js";
import type { KeptFiles } from "./kept-files.js";
import type { About } from "./stored-file.js";
import { fullAsNoRoom } from "./room.js";
import { readPart, writePart } from "./store.js";

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

const RECORDS = "models";

/** The models that are kept in a store. */
export class KeptModels {
  constructor(readonly files: KeptFiles) {}

  /** What is known of a model; null where nothing is. */
  async record(address: string): Promise<ModelRecord | null> {
    return (await readPart(this.store, RECORDS, shortName(address))) as ModelRecord | null;
  }

  /** Writes down what `change` makes of a model's record; files that nobody has any more are removed. */
  async note(address: string, change: (record: ModelRecord) => ModelRecord): Promise<void> {
    const { keeping } = this.files;
    const write = async () => {
      const before = await this.record(address);
      const empty = { address, commit: null, license: null, usedAtMs: 0, files: {}, used: [], absent: [] };
      const after = change(before ?? empty);
      await writePart(this.store, RECORDS, shortName(address), after);
      const gone = before ? idsOf(before).filter((id) => !idsOf(after).includes(id)) : [];
      if (gone.length > 0) await this.drop(gone);
    };
    await fullAsNoRoom(keeping, { model: address, name: "The record" }, () => this.alone(write));
  }

  /** Writes down that a model's file is asked for, and where it is. */
  noteUse(address: string, name: string, entry: ModelRecord["files"][string]): Promise<void> {
    return this.note(address, (record) => ({
      ...record,
      usedAtMs: Date.now(),
      files: { ...record.files, [name]: entry },
      used: [...new Set([...record.used, name])],
      absent: record.absent.filter((one) => one !== name),
    }));
  }

  /** Writes down that a model has no such file. */
  noteAbsent(address: string, name: string): Promise<void> {
    return this.note(address, (record) => ({
      ...record,
      used: record.used.filter((one) => one !== name),
      absent: [...new Set([...record.absent, name])],
    }));
  }

  /** The models of which something is kept here, the one that was last read first: an address that nothing came from is none. */
  async list(): Promise<StoredModel[]> {
    const listed = await Promise.all((await this.records()).map((record) => this.listed(record)));
    return listed.filter(({ storedBytes }) => storedBytes > 0).sort((a, b) => b.usedAtMs - a.usedAtMs);
  }

  /** Removes a model with the files that no other has; says whether it was there. Its downloads stop. */
  async remove(address: string): Promise<boolean> {
    const known = await this.record(address);
    if (!known) return false;
    const others = (await this.records()).filter((one) => one.address !== address).flatMap(idsOf);
    const own = idsOf(known).filter((id) => !others.includes(id));
    for (const id of own) await this.files.stop(id, new DOMException("The model was removed.", "AbortError"));
    await this.alone(async () => {
      await this.store.remove(RECORDS, shortName(address));
      await this.drop(own);
    });
    return true;
  }

  private get store() {
    return this.files.keeping.store;
  }

  private alone<T>(work: () => Promise<T>): Promise<T> {
    return this.files.keeping.hold("triptych models", undefined, work);
  }

  private async records(): Promise<ModelRecord[]> {
    const names = [...(await this.store.parts(RECORDS)).keys()];
    const records = await Promise.all(names.map((name) => readPart(this.store, RECORDS, name)));
    return records.filter((record) => record !== null) as ModelRecord[];
  }

  /** Removes files, but those that some record has. */
  private async drop(ids: readonly string[]): Promise<void> {
    const kept = (await this.records()).flatMap(idsOf);
    for (const id of ids) if (!kept.includes(id)) await this.store.remove(id);
  }

  private async listed({ address, commit, license, usedAtMs, files, used }: ModelRecord): Promise<StoredModel> {
    const stored = await Promise.all(
      used.map(async (name) => {
        const { id, byteLength } = files[name];
        const parts = await this.store.parts(id);
        const about = (await readPart(this.store, id, "about")) as About | null;
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
}

function idsOf({ files, used }: ModelRecord): string[] {
  return used.map((name) => files[name]?.id).filter((id) => id !== undefined);
}
