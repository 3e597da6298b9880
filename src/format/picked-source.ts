import { ModelLoadError } from "../vocabulary/errors.js";
import { missingFile, type ModelSource, parseJson, type SourceFile } from "./source.js";

/** A file that a person has picked or dropped, or a program has made; its name may lead through folders. */
export interface PickedFile {
  name: string;
  blob: Blob;
}

/** A folder of files that a page holds, read by parts from where they lie. */
export function pickedSource(url: string, picked: readonly PickedFile[]): ModelSource {
  const root = rootOf(picked.map(({ name }) => name));
  const files = new Map(picked.map(({ name, blob }) => [name.slice(root.length), blob]));
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

/** The folder that all names are in, with its slash; a model's own folders, as `onnx`, are below it. */
function rootOf(names: readonly string[]): string {
  const config = names.filter((name) => /(^|\/)config\.json$/.test(name)).sort((a, b) => a.length - b.length);
  const sample = config[0] ?? names[0] ?? "";
  const root = sample.slice(0, sample.lastIndexOf("/") + 1);
  return names.every((name) => name.startsWith(root)) || config.length > 0 ? root : "";
}
