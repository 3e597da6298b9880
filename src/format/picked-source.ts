import { ModelLoadError } from "../vocabulary/errors.js";
import { missingFile, type ModelSource, parseJson, type SourceFile } from "./source.js";

/** A file that a person has picked or dropped, or a program has made; its name may lead through folders. */
export interface PickedFile {
  name: string;
  blob: Blob;
}

/** The files by their paths in the model's own folder. Throws where several models' folders were picked together, and lists them. */
export function modelFiles(picked: readonly PickedFile[]): ReadonlyMap<string, Blob> {
  const root = rootOf(picked.map(({ name }) => name));
  const own = picked.filter(({ name }) => name.startsWith(root));
  return new Map(own.map(({ name, blob }) => [name.slice(root.length), blob]));
}

/** A folder of files that a page holds, read by parts from where they lie. */
export function pickedSource(url: string, files: ReadonlyMap<string, Blob>): ModelSource {
  const blobOf = (name: string): Blob => {
    const blob = files.get(name);
    if (blob) return blob;
    const has = [...files.keys()].slice(0, 20).join(", ");
    throw new ModelLoadError(`${missingFile(name, url).message} It has ${has}.`, "missing_file");
  };
  const read = async (name: string, begin: number, end: number): Promise<Uint8Array<ArrayBuffer>> => {
    try {
      return new Uint8Array(await blobOf(name).slice(begin, end).arrayBuffer());
    } catch (error) {
      if (error instanceof ModelLoadError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new ModelLoadError(
        `${name} in ${url} can't be read (${reason}): it has changed or gone since it was picked. Pick it again.`,
        "unreadable_file",
      );
    }
  };
  async function bytes(name: string, onProgress?: Parameters<ModelSource["bytes"]>[1], signal?: AbortSignal) {
    signal?.throwIfAborted();
    const whole = await read(name, 0, blobOf(name).size);
    onProgress?.({ loadedBytes: whole.length, totalBytes: whole.length });
    return whole;
  }
  return {
    url,
    has: async (name) => files.has(name),
    json: async (name, signal) => parseJson(new TextDecoder().decode(await bytes(name, undefined, signal)), name, url),
    bytes,
    async file(name, signal): Promise<SourceFile> {
      return {
        byteLength: blobOf(name).size,
        async read(begin, end, own) {
          signal?.throwIfAborted();
          own?.throwIfAborted();
          return read(name, begin, end);
        },
        close: async () => {},
      };
    },
  };
}

/** The folder with the config, with its slash, or the one that all names are in; a model's own folders, as `onnx`, are below it. */
function rootOf(names: readonly string[]): string {
  const folders = names.filter((name) => /(^|\/)config\.json$/.test(name)).map(folderOf);
  const depth = Math.min(...folders.map(depthOf));
  const roots = folders.filter((folder) => depthOf(folder) === depth);
  if (roots.length > 1) {
    throw new ModelLoadError(
      `${roots.length} models' folders were picked together: pick one of them. They are ${roots.map((root) => root.slice(0, -1)).join(", ")}.`,
      "ambiguous_file",
    );
  }
  return roots[0] ?? names.map(folderOf).reduce(commonFolder);
}

const folderOf = (name: string): string => name.slice(0, name.lastIndexOf("/") + 1);
const depthOf = (folder: string): number => folder.split("/").length;

function commonFolder(a: string, b: string): string {
  let folder = a;
  while (!b.startsWith(folder)) folder = folderOf(folder.slice(0, -1));
  return folder;
}
