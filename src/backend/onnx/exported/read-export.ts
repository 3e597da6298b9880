import type { OnnxFile } from "../../../format/onnx-file.js";
import { refusePointer } from "../../../format/lfs-pointer.js";
import { isAbsence, type ModelSource, type Progress } from "../../../format/source.js";
import { ModelLoadError } from "../../../vocabulary/errors.js";
import type { ExternalFile } from "../weight-files.js";
import { type GraphFile, readGraphFile } from "./graph-file.js";

/** The bytes of an exported graph, with those of the files beside it that hold its weights. */
export interface ExportFiles {
  model: Uint8Array<ArrayBuffer>;
  weights: ExternalFile[];
  file: GraphFile;
  /** Of all of them. */
  byteLength: number;
}

/** How files are read: told of what has come, and given up when the signal says so. */
export interface Reading {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/** Reads an exported graph and its external weights. Throws `ModelLoadError` for a file that is damaged or missing. */
export async function readExport(
  source: ModelSource,
  { path }: OnnxFile,
  { signal, onProgress }: Reading,
): Promise<ExportFiles> {
  const label = `${path} in ${source.url}`;
  const model = await source.bytes(path, onProgress, signal);
  const file = parse(model, label);
  let byteLength = model.length;
  const weights: ExternalFile[] = [];
  for (const [name, numBytes] of file.externalFiles) {
    const external = `${path.replace(/[^/]*$/, "")}${name}`;
    if (!/^(?!\.)[^/\\]+$/.test(name)) {
      throw damaged(label, `keeps weights in ${JSON.stringify(name)}, which is no file beside it`);
    }
    const before = byteLength;
    const report =
      onProgress &&
      (({ loadedBytes }: Progress) => onProgress({ loadedBytes: before + loadedBytes, totalBytes: null }));
    const data = await source.bytes(external, report, signal).catch((error: unknown) => {
      if (!isAbsence(error)) throw error;
      throw new ModelLoadError(
        `${external} is missing in ${source.url}: ${path} keeps its weights there; put it beside that file, under this name.`,
        "missing_file",
      );
    });
    refusePointer(data, `${external} in ${source.url}`);
    if (data.length < numBytes) {
      throw damaged(`${external} in ${source.url}`, `ends after ${data.length} of at least ${numBytes} bytes`);
    }
    weights.push({ path: name, data });
    byteLength += data.length;
  }
  return { model, weights, file, byteLength };
}

function parse(bytes: Uint8Array, label: string): GraphFile {
  refusePointer(bytes, label);
  try {
    return readGraphFile(bytes);
  } catch (error) {
    throw damaged(label, `is damaged or no ONNX model: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function damaged(label: string, what: string): ModelLoadError {
  return new ModelLoadError(`${label} ${what}. Load it again, or take another file with dtype.`, "damaged_file");
}
