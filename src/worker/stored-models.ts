import type { LoadProgress } from "../runtime/job.js";
import type { DownloadNews, StorageReport, StoredModel } from "../runtime/stored-models.js";
import type { StoredNews, StoredOrder } from "../runtime/stored-orders.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { HUB } from "../vocabulary/hub-id.js";
import { callOverPort } from "./connection.js";
import { shared } from "./worker-place.js";
import { modelUrl } from "./model-url.js";
import { filesOf, type ModelFiles, pickedAddress } from "./picked-files.js";

/** What a model's files may be given as. */
export type { ModelFiles } from "./picked-files.js";
/** What is told of models that are kept. */
export type { DownloadNews, StorageReport, StoredModel } from "../runtime/stored-models.js";

/** The models of other origins whose files are kept in this browser, the one that was last read first. */
export function listModels(): Promise<StoredModel[]> {
  return order({ do: "list" });
}

/** Removes the files of a model that is kept, by its address or hub id. Throws `InvalidOptionError` for one that isn't. */
export function removeModel(address: string | URL): Promise<void> {
  return order({ do: "remove", address: modelUrl(address) });
}

/** Where models are kept, how many bytes they take, and how many the browser allows this site. */
export async function modelStorage(): Promise<StorageReport & { isPersistent: boolean }> {
  const report = await order<StorageReport>({ do: "storage" });
  return { ...report, isPersistent: (await navigator.storage?.persisted?.()) ?? false };
}

/** Asks the browser to keep this site's models even when the disk is nearly full; some ask the person. Says whether it will. */
export async function keepModels(): Promise<boolean> {
  return (await navigator.storage?.persist?.()) ?? false;
}

/** Fetches a model's files without loading it, so that it loads without a network. Aborting keeps what has come. */
export function fetchModel(
  address: string | URL,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (progress: LoadProgress) => void } = {},
): Promise<void> {
  return order({ do: "fetch", address: modelUrl(address) }, signal, (news) => {
    if (news.type === "progress") onProgress?.(news.progress);
  });
}

/** Hears how downloads of models go, in every tab of this site, until what it answers is called. */
export function watchDownloads(listener: (news: DownloadNews) => void): () => void {
  const abort = new AbortController();
  order({ do: "watch" }, abort.signal, (news) => {
    if (news.type === "news") listener(news.news);
  }).catch(() => undefined);
  return () => abort.abort();
}

/** Takes an access token for a hub (default: huggingface.co), or forgets it: it is sent to that origin alone, and kept as long as the page. */
export function useToken(token: string | null, hub?: string): Promise<void> {
  return hand(`token ${hub ?? HUB}`, { do: "token", token, hub });
}

/** Hands files of this page to the worker; the answer is the address that `load` takes them by. */
export async function giveFiles(given: ModelFiles): Promise<string> {
  const files = filesOf(given);
  if (files.length === 0) throw new InvalidOptionError("No files were given: give a model's folder or its files.");
  const address = pickedAddress(files);
  await hand(address, { do: "give", address, files });
  return address;
}

/** Hands something over for as long as the page: the next worker is told it, too. */
async function hand(key: string, what: StoredOrder): Promise<void> {
  await order(what);
  shared().told[key] = what;
}

function order<T>(what: StoredOrder, signal?: AbortSignal, onNews: (news: StoredNews) => void = () => {}): Promise<T> {
  return callOverPort<StoredNews, T>((api, port) => api.stored(what, port) as Promise<never>, onNews, signal);
}
