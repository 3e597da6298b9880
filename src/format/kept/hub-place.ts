import { ModelLoadError } from "../../vocabulary/errors.js";
import { isThere } from "./ask.js";
import type { FileFacts } from "./download.js";
import { shortName } from "./digest.js";
import { type Listing, type ListedFile, listRepo } from "./hub-listing.js";
import { type HubRepo, hubRefusal, missingInRepo } from "./hub-refusals.js";
import type { KeptModels } from "./kept-models.js";
import type { ModelRecord } from "./model-records.js";
import type { Place } from "./place.js";

/** Files of one set, as sharded weights and split GGUF files are named. */
const ONE_OF_SET = /-\d{5}-of-(\d{5})\.\w+$/;

/** A repository of a hub, pinned to the commit that its revision is when it is first asked for; without a network, to the one of the last visit. */
export function hubPlace(models: KeptModels, url: string, at: HubRepo): Place {
  const { keeping } = models.files;
  const token = () => keeping.tokens.get(new URL(at.hub).origin);
  /** Of a server that tells nothing but files. */
  const unlisted: Listing = { commit: at.revision, license: null, files: {} };
  let looking: Promise<Listing> | null = null;

  async function look(signal?: AbortSignal): Promise<Listing> {
    const before = await models.record(url);
    // What is named by its commit stays what it is.
    if (before?.commit === at.revision) return listingOf(before, before.commit);
    const onWait = (message: string) =>
      keeping.tell({ ...NO_FILE, model: url, file: "", id: "", state: "waiting", message });
    try {
      const listing = await listRepo(keeping, at, { signal, onWait });
      if (listing === null) return unlisted;
      await models.note(url, (record) => updated(record, listing));
      if (before?.commit && before.commit !== listing.commit) {
        const message = `${at.repo} has moved from commit ${before.commit.slice(0, 7)} to ${listing.commit.slice(0, 7)}: what has changed is fetched anew.`;
        keeping.tell({ ...NO_FILE, model: url, file: "", id: "", state: "loading", message });
      }
      return listing;
    } catch (error) {
      const isAway = error instanceof ModelLoadError && ["unreachable", "server_error"].includes(error.code);
      if (isAway && before) return before.commit ? listingOf(before, before.commit) : unlisted;
      throw error;
    }
  }

  function listing(signal?: AbortSignal): Promise<Listing> {
    looking ??= look(signal).catch((error: unknown) => {
      looking = null;
      throw error;
    });
    return looking;
  }

  function entryOf(name: string, file: ListedFile, commit: string) {
    const path = name.split("/").map(encodeURIComponent).join("/");
    const fileUrl = `${at.hub}/${at.repo}/resolve/${encodeURIComponent(commit)}/${path}`;
    return {
      ...file,
      url: fileUrl,
      id: file.digest ? `${file.digest.kind}-${file.digest.hex}` : `url-${shortName(fileUrl)}`,
    };
  }

  function updated(record: ModelRecord, { commit, license, files }: Listing): ModelRecord {
    const entries = Object.entries(files).map(([name, file]) => [name, entryOf(name, file, commit)] as const);
    const used = record.used.filter((name) => name in files);
    return { ...record, commit, license, files: Object.fromEntries(entries), used, absent: [] };
  }

  return {
    url,
    async facts(name, signal): Promise<FileFacts> {
      const { commit, files } = await listing(signal);
      const names = Object.keys(files);
      const isListed = names.length > 0;
      if (isListed && !(name in files)) throw missingInRepo(at, name, names);
      const entry = entryOf(name, files[name] ?? { byteLength: null, digest: null }, commit);
      await models.noteUse(url, name, entry);
      return {
        ...entry,
        model: url,
        name,
        isPinned: isListed,
        besideBytes: besideBytes(name, files),
        asking: { token: token(), refusal: hubRefusal(at, token() !== undefined, name, names) },
      };
    },
    async has(name, signal) {
      const { commit, files } = await listing(signal);
      if (Object.keys(files).length > 0) return name in files;
      const asking = { token: token(), refusal: hubRefusal(at, token() !== undefined, name), signal };
      return isThere(keeping, entryOf(name, { byteLength: null, digest: null }, commit).url, asking);
    },
    async names(signal) {
      const { files } = await listing(signal);
      const entries = Object.entries(files).map(([name, { byteLength }]) => [name, byteLength] as const);
      return entries.length > 0 ? new Map(entries) : null;
    },
    onAbsent: (name) => models.noteAbsent(url, name),
  };
}

const NO_FILE = { loadedBytes: 0, totalBytes: null, bytesPerSecond: 0 };

function listingOf({ license, files }: ModelRecord, commit: string): Listing {
  return { commit, license, files };
}

/** Bytes of the files that come with the first of a set. */
function besideBytes(name: string, files: Listing["files"]): number {
  if (!ONE_OF_SET.test(name) || !/-00001-of-/.test(name)) return 0;
  const stem = name.replace(ONE_OF_SET, "");
  const others = Object.keys(files).filter(
    (other) => other !== name && ONE_OF_SET.test(other) && other.replace(ONE_OF_SET, "") === stem,
  );
  return others.reduce((sum, other) => sum + (files[other].byteLength ?? 0), 0);
}
