import type { LoadProgress } from "../runtime/job.js";
import type { DownloadNews, StorageReport, StoredModel } from "../runtime/stored-models.js";
import type { StoredNews, StoredOrder } from "../runtime/stored-orders.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { callOverPort } from "./connection.js";
import { modelUrl } from "./model-url.js";

/** What is told of models that are kept. */
export type { DownloadNews, StorageReport, StoredModel } from "../runtime/stored-models.js";

/** What a model's files may be given as: one file or several, or a whole folder; bytes need a name, as GGUF's are `model.gguf`. */
export type ModelFiles = File | Blob | ArrayBuffer | ArrayLike<File> | Readonly<Record<string, Blob | ArrayBuffer>>;

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
  return order({ do: "token", token, hub });
}

/** Hands files of this page to the worker; the answer is the address that `load` takes them by. */
export async function giveFiles(given: ModelFiles): Promise<string> {
  const files = filesOf(given);
  if (files.length === 0) throw new InvalidOptionError("No files were given: give a model's folder or its files.");
  // Files without a folder are called by that with the weights.
  const { name, blob } = files.find((file) => /\.(gguf|safetensors)$/i.test(file.name)) ?? files[0];
  // The same files picked again are the same model; what has no date is one of its own.
  const stamp = files.map((file) => [file.name, file.blob.size, (file.blob as Partial<File>).lastModified]);
  const isDated = stamp.every(([, , date]) => date !== undefined);
  const key = isDated ? hashOf(JSON.stringify(stamp)) : `${hashOf(String(performance.now()))}-${blob.size}`;
  const folder = name.includes("/") ? name.slice(0, name.indexOf("/")) : name;
  const address = `picked://${key}/${encodeURIComponent(folder)}/`;
  await order({ do: "give", address, files });
  return address;
}

function filesOf(given: ModelFiles): { name: string; blob: Blob }[] {
  const blobOf = (value: Blob | ArrayBuffer) => (value instanceof Blob ? value : new Blob([value]));
  const one = (file: Blob | ArrayBuffer) => {
    const blob = blobOf(file);
    const named = blob as Partial<File>;
    return { name: named.webkitRelativePath || named.name || "model.gguf", blob };
  };
  if (given instanceof Blob || given instanceof ArrayBuffer) return [one(given)];
  if ("length" in given && typeof given.length === "number") return Array.from(given as ArrayLike<File>, one);
  return Object.entries(given as Record<string, Blob | ArrayBuffer>).map(([name, value]) => ({
    name,
    blob: blobOf(value),
  }));
}

/** 32 bits of a text, as FNV-1a has them. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16);
}

function order<T>(what: StoredOrder, signal?: AbortSignal, onNews: (news: StoredNews) => void = () => {}): Promise<T> {
  return callOverPort<StoredNews, T>((api, port) => api.stored(what, port) as Promise<never>, onNews, signal);
}
