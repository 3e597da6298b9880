import { ModelLoadError } from "../vocabulary/errors.js";
import { partNames } from "./gguf/parts.js";
import { missingFile, type ModelSource } from "./source.js";

/** What a folder's weights are called. */
const SINGLE = "model.safetensors";

/** A folder of which one file has the weights, whatever it is called; config and tokenizer are those beside it. */
export function withWeights(folder: ModelSource, file: string): ModelSource {
  const at = file.slice(0, file.lastIndexOf("/") + 1);
  const own = (name: string): string => {
    if (name === SINGLE) return file;
    if (/\.safetensors(\.index\.json)?$/.test(name)) throw missingFile(name, folder.url);
    return at + name;
  };
  return {
    ...folder,
    has: async (name, signal) => (name === SINGLE || !/\.safetensors/.test(name)) && folder.has(own(name), signal),
    json: async (name, signal) => folder.json(own(name), signal),
    bytes: async (name, onProgress, signal) => folder.bytes(own(name), onProgress, signal),
    file: async (name, signal) => folder.file(own(name), signal),
  };
}

/**
 * The one file that must be meant where a model is given by its folder alone: the GGUF file of one that has no config.json, all parts of a split
 * one as its first. Null where the folder is a model itself. Throws for one with several, and lists them.
 */
export function onlyGguf(names: Iterable<string>, url: string, nameOf: (file: string) => string): string | null {
  const all = [...names];
  if (all.includes("config.json") && all.some((name) => /\.safetensors$|^onnx\//.test(name))) return null;
  const firsts = ggufFiles(all);
  if (firsts.length <= 1) return firsts[0] ?? null;
  throw new ModelLoadError(
    `${url} has ${firsts.length} GGUF files: name one of them. They are ${firsts.map(nameOf).join(", ")}.`,
    "ambiguous_file",
  );
}

/**
 * The GGUF file of a folder whose name has a quantisation (`Q4_K_M`, in letters of any case), all parts of a split one as its first. Throws where there
 * is none, or more than one, and lists what there is.
 */
export function quantizedGguf(
  names: Iterable<string> | undefined,
  quantization: string,
  url: string,
  nameOf: (file: string) => string,
): string {
  if (names === undefined) {
    throw new ModelLoadError(
      `${url} doesn't tell which files it has, so that none can be found for ${quantization}: name the .gguf file.`,
      "missing_file",
    );
  }
  const all = ggufFiles(names);
  const tag = quantization.toUpperCase();
  const found = all.filter((name) => ` ${name.toUpperCase().replaceAll(/[^A-Z0-9_]+/g, " ")} `.includes(` ${tag} `));
  if (found.length === 1) return found[0];
  const list = (files: readonly string[]) => files.map(nameOf).join(", ");
  if (found.length > 1) {
    throw new ModelLoadError(
      `${url} has ${found.length} GGUF files of ${quantization}: name one of them. They are ${list(found)}.`,
      "ambiguous_file",
    );
  }
  const has = all.length > 0 ? `Its GGUF files are ${list(all)}` : "It has no GGUF file";
  throw new ModelLoadError(`${url} has no GGUF file whose name says ${quantization}. ${has}.`, "missing_file");
}

/** The GGUF files among names that are models, all parts of a split one as its first. */
function ggufFiles(names: Iterable<string>): string[] {
  const files = [...names].filter((name) => /\.gguf$/i.test(name) && !/mmproj/i.test(name));
  return [...new Set(files.map((name) => partNames(name)[0]))];
}
