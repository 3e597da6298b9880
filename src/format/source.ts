import { ModelLoadError } from "../vocabulary/errors.js";
import { refusePointer } from "./lfs-pointer.js";
import type { Checkpoint } from "./tensor.js";

/** How far a file, or several, have come. `totalBytes` is null where the server doesn't say. */
export interface Progress {
  loadedBytes: number;
  totalBytes: number | null;
  /** Of several files: the one that comes now, and how far it has. */
  file?: { name: string; loadedBytes: number; totalBytes: number };
}

/** How weights are read: told of what has come, and given up when the signal says so. */
export interface CheckpointReading {
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

/** A file that is open for reading in parts. What is read in the order in which it stands there comes fastest. */
export interface SourceFile {
  readonly byteLength: number;
  /** The bytes from `begin` up to `end`, in a buffer of their own. Reads may overlap; they are answered in the order in which they were asked for. */
  read(begin: number, end: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** Gives up what is still being read. Must be called, and may be twice. */
  close(): Promise<void>;
}

/** Where a model folder's files come from. A missing file is a `ModelLoadError` with code `missing_file`. */
export interface ModelSource {
  /** The folder, as the user named it: for messages and as identity. */
  readonly url: string;
  /** Whether there is such a file; nothing of it is read. */
  has(name: string, signal?: AbortSignal): Promise<boolean>;
  /** The parsed content of a JSON file. */
  json(name: string, signal?: AbortSignal): Promise<unknown>;
  /** The whole file, in a buffer of its own. */
  bytes(
    name: string,
    onProgress?: (progress: Progress) => void,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** A file that is read in parts, opened. The signal ends its reads, too. */
  file(name: string, signal?: AbortSignal): Promise<SourceFile>;
  /** Opens its weights where they aren't safetensors; left out: they are. */
  checkpoint?(reading: CheckpointReading): Promise<Checkpoint>;
  /**
   * Resolves once the files that were opened are there whole and are what they should be; rejects with `changed_file` if what was read of one
   * isn't. Left out: what was read is what there is.
   */
  finish?(signal?: AbortSignal): Promise<void>;
}

/**
 * The parsed content of a JSON file that a folder may lack: null then. It is asked for as any other, since servers answer a mere
 * question in all ways; some refuse what they don't have.
 */
export async function optionalJson(source: ModelSource, name: string, signal?: AbortSignal): Promise<unknown> {
  try {
    return await source.json(name, signal);
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
}

/** The text of a file that a folder may lack: null then. */
export async function optionalText(source: ModelSource, name: string, signal?: AbortSignal): Promise<string | null> {
  try {
    return new TextDecoder().decode(await source.bytes(name, undefined, signal));
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
}

/** Whether an error may mean that there is no such file; a failing server mustn't pass for an empty one. */
export function isAbsence(error: unknown): boolean {
  return error instanceof ModelLoadError && (error.code === "missing_file" || error.code === "refused");
}

/** The error for a file that a model folder lacks. */
export function missingFile(name: string, folder: string): ModelLoadError {
  const needs = /\.gguf$/i.test(name)
    ? "nothing is there by this name: look for a slip in the address."
    : name.startsWith("adapter_")
      ? "an adapter of PEFT is a folder with adapter_config.json and adapter_model.safetensors."
      : "a model folder needs config.json, tokenizer.json and model.safetensors, or an ONNX graph in onnx/.";
  return new ModelLoadError(`${name} is missing in ${folder}: ${needs}`, "missing_file");
}

/** `JSON.parse` whose error is a `ModelLoadError` that names the file, its folder and what it holds instead. */
export function parseJson(text: string, name: string, folder: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    refusePointer(text, `${name} in ${folder}`);
    const start = JSON.stringify(text.slice(0, 40));
    const reason = error instanceof Error ? error.message.replace(/\s+/g, " ") : String(error);
    throw new ModelLoadError(`${name} in ${folder} isn't valid JSON (${reason}); it starts with ${start}.`, "bad_json");
  }
}

/** A folder of given files: byte arrays as they are, strings as UTF-8, anything else as JSON. */
export function memorySource(files: ReadonlyMap<string, unknown>, url = "memory:"): ModelSource {
  const bytesOf = (name: string): Uint8Array<ArrayBuffer> => {
    const file = files.get(name);
    if (file === undefined) throw missingFile(name, url);
    if (file instanceof Uint8Array) return file as Uint8Array<ArrayBuffer>;
    return new TextEncoder().encode(typeof file === "string" ? file : JSON.stringify(file));
  };
  return {
    url,
    async file(name, signal) {
      signal?.throwIfAborted();
      return memoryFile(bytesOf(name));
    },
    async has(name, signal) {
      signal?.throwIfAborted();
      return files.has(name);
    },
    async json(name, signal) {
      signal?.throwIfAborted();
      return parseJson(new TextDecoder().decode(bytesOf(name)), name, url);
    },
    async bytes(name, onProgress, signal) {
      signal?.throwIfAborted();
      const bytes = bytesOf(name).slice();
      onProgress?.({ loadedBytes: bytes.length, totalBytes: bytes.length });
      return bytes;
    },
  };
}

/** Bytes at hand as an open file. */
export function memoryFile(bytes: Uint8Array<ArrayBuffer>): SourceFile {
  return {
    byteLength: bytes.length,
    async read(begin, end, signal) {
      signal?.throwIfAborted();
      return bytes.slice(begin, end);
    },
    close: async () => {},
  };
}

/** The last part of a folder's address; of a hub's page, the model's name. */
export function folderName(url: string): string {
  return (
    url
      .replace(/[?#].*$/, "")
      .replace(/\/tree\/[^/]+\/*$|\/+$/, "")
      .split(/[/\\]/)
      .pop() || "model"
  );
}
