import { shortName } from "./digest.js";
import type { KeptFiles } from "./kept-files.js";
import { idsOf, type ModelRecord, RECORDS, recordsOf, type StoredModel, storedModels } from "./model-records.js";
import { fullAsNoRoom, isReadOnly, isUnwritable } from "./room.js";
import { readPart, writePart } from "./store.js";

/** The models that are kept in a store. */
export class KeptModels {
  constructor(readonly files: KeptFiles) {}

  /** What is known of a model; null where nothing is. */
  async record(address: string): Promise<ModelRecord | null> {
    return (await readPart(this.store, RECORDS, shortName(address))) as ModelRecord | null;
  }

  /**
   * Writes down what `change` makes of a model's record; files that nobody has any more are removed. Nothing is where nothing can be written;
   * throws where there is no room for what is new.
   */
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
    try {
      await fullAsNoRoom(keeping, { model: address, name: "The record" }, () => this.alone(write));
    } catch (error) {
      // What is kept can be read all the same; a download says that it can't be kept.
      if (!isUnwritable(error)) throw error;
      const before = await this.record(address);
      const isNew = before === null || idsOf(change(before)).some((id) => !idsOf(before).includes(id));
      if (isNew && !isReadOnly(error)) throw error;
    }
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

  /** The models of which something is kept here, the one that was last read first. */
  list(): Promise<StoredModel[]> {
    return storedModels(this.store);
  }

  /** Removes a model with the files that no other has; says whether it was there. Its downloads stop. */
  async remove(address: string): Promise<boolean> {
    const known = await this.record(address);
    if (!known) return false;
    const others = (await recordsOf(this.store)).filter((one) => one.address !== address).flatMap(idsOf);
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

  /** Removes files, but those that some record has. */
  private async drop(ids: readonly string[]): Promise<void> {
    const kept = (await recordsOf(this.store)).flatMap(idsOf);
    for (const id of ids) if (!kept.includes(id)) await this.store.remove(id);
  }
}
