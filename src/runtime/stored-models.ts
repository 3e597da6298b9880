import { addressName, folderUrl, parseAddress } from "../format/address.js";
import type { DownloadNews, Keeping, Room } from "../format/kept/keeping.js";
import { KeptFiles } from "../format/kept/kept-files.js";
import { KeptModels } from "../format/kept/kept-models.js";
import type { StoredModel } from "../format/kept/model-records.js";
import type { StoreKind } from "../format/kept/store.js";
import { openAddress, openPicked } from "../format/open-address.js";
import type { PickedFile } from "../format/picked-source.js";
import { isAbsence, type ModelSource, type Progress } from "../format/source.js";
import { InvalidOptionError, ModelLoadError } from "../vocabulary/errors.js";
import { HUB } from "../vocabulary/hub-id.js";

/** What is told of a download. */
export type { DownloadNews } from "../format/kept/keeping.js";
/** A model that is kept. */
export type { StoredModel } from "../format/kept/model-records.js";

/** Where models are kept, and how much room there is. */
export interface StorageReport {
  kind: StoreKind;
  /** Bytes of models that are kept. */
  modelBytes: number;
  /** Of this site or disk, everything counted; null where it can't be told. */
  room: Room | null;
}

/** A model's files that are fetched beside its weights, where it has them. */
const SMALL_FILES = [
  "config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "generation_config.json",
  "chat_template.jinja",
  "special_tokens_map.json",
];
const INDEX = "model.safetensors.index.json";

/** The models that a process keeps: their sources, and what a person does with them. */
export class StoredModels {
  private readonly models: KeptModels;
  private readonly sources = new Map<string, Promise<ModelSource>>();
  private readonly picked = new Map<string, readonly PickedFile[]>();

  constructor(private readonly keeping: Keeping) {
    this.models = new KeptModels(new KeptFiles(keeping));
  }

  /** The source of a model by its address, one of each: a hub's revision is looked up once a visit. */
  source(address: string): Promise<ModelSource> {
    const picked = this.picked.get(address);
    const known = this.sources.get(address);
    if (known) return known;
    if (!picked && address.startsWith("picked:")) {
      const gone = `The files of ${address} are gone with the worker that had them: pick them again.`;
      return Promise.reject(new ModelLoadError(gone, "missing_file"));
    }
    const opening = picked
      ? Promise.resolve(openPicked(address, picked))
      : openAddress(this.models, address).then(({ source }) => source);
    this.sources.set(address, opening);
    opening.catch(() => this.sources.delete(address));
    return opening;
  }

  /** Names files that a page holds by an address, under which they are a model's folder. */
  give(address: string, files: readonly PickedFile[]): void {
    this.picked.set(address, files);
  }

  /** Takes a token for a hub: it is sent to that origin alone, and written down nowhere. */
  useToken(token: string | null, hub = HUB): void {
    const { origin } = new URL(hub);
    if (token === null) this.keeping.tokens.delete(origin);
    else this.keeping.tokens.set(origin, token);
  }

  /** The models that are kept, the one that was last read first; addresses as a person gives them. */
  async list(): Promise<StoredModel[]> {
    return (await this.models.list()).map((model) => ({ ...model, address: shortAddress(model.address) }));
  }

  /** Removes a model's files. Throws `InvalidOptionError` for one that isn't kept. */
  async remove(address: string): Promise<void> {
    const url = folderUrl(parseAddress(address));
    if (!(await this.models.remove(url))) {
      const kept = (await this.list()).map((model) => model.address);
      throw new InvalidOptionError(
        `${address} isn't kept here. ${kept.length > 0 ? `Kept are ${kept.join(", ")}.` : "No model is."}`,
      );
    }
    for (const key of this.sources.keys())
      if (key.startsWith(url) || parsedFolder(key) === url) this.sources.delete(key);
  }

  async storage(): Promise<StorageReport> {
    const modelBytes = (await this.models.list()).reduce((sum, { storedBytes }) => sum + storedBytes, 0);
    return { kind: this.keeping.store.kind, modelBytes, room: await this.keeping.room() };
  }

  /** Fetches all files that a load needs, without loading it. */
  async fetch(
    address: string,
    { signal, onProgress }: { signal?: AbortSignal; onProgress?(progress: Progress): void } = {},
  ): Promise<void> {
    const { folder, weights } = await openAddress(this.models, address);
    const deaf = this.keeping.hear(({ model, file: name, loadedBytes, totalBytes }) => {
      if (model !== folder.url || totalBytes === null) return;
      onProgress?.({ loadedBytes, totalBytes, file: { name, loadedBytes, totalBytes } });
    });
    try {
      for (const name of SMALL_FILES) await fetchIfThere(folder, name, signal);
      for (const name of weights ?? (await weightsOf(folder, signal))) {
        const { byteLength, read, close } = await folder.file(name, signal);
        // It can be read once all of it is there and is what it should be.
        await read(Math.max(0, byteLength - 1), byteLength, signal).finally(close);
      }
    } finally {
      deaf();
    }
  }

  /** Hears how downloads go, of every tab; the answer stops it. */
  watch(listener: (news: DownloadNews) => void): () => void {
    return this.keeping.hear(({ id: _, added: __, isAnew: ___, ...news }) =>
      listener({ ...news, model: shortAddress(news.model) }),
    );
  }
}

function shortAddress(url: string): string {
  return addressName(parseAddress(url));
}

function parsedFolder(address: string): string | null {
  return URL.canParse(address) && /^https?:/.test(address) ? folderUrl(parseAddress(address)) : null;
}

async function fetchIfThere(folder: ModelSource, name: string, signal?: AbortSignal): Promise<void> {
  try {
    await folder.bytes(name, undefined, signal);
  } catch (error) {
    if (!isAbsence(error)) throw error;
  }
}

/** The files of a model's weights: one, or those that its index lists. */
async function weightsOf(source: ModelSource, signal?: AbortSignal): Promise<string[]> {
  const index = (await source.has(INDEX, signal)) ? await source.json(INDEX, signal) : null;
  const map = (index as { weight_map?: Record<string, string> } | null)?.weight_map;
  return map ? [...new Set(Object.values(map))] : ["model.safetensors"];
}
