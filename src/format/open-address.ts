import { ggufSource, isGguf } from "./gguf-source.js";
import { type Address, addressUrl, folderUrl, parseAddress } from "./address.js";
import type { KeptModels } from "./kept/kept-models.js";
import { hubPlace } from "./kept/hub-place.js";
import { keptSource } from "./kept/kept-source.js";
import type { Place } from "./kept/place.js";
import { webPlace } from "./kept/web-place.js";
import { partNames } from "./gguf/parts.js";
import { onlyGguf, quantizedGguf, withWeights } from "./one-file.js";
import { modelFiles, type PickedFile, pickedSource } from "./picked-source.js";
import type { ModelSource } from "./source.js";

/** A model that is kept here. */
interface Opened {
  /** As it is loaded. */
  source: ModelSource;
  /** The folder that its files are in, as they are. */
  folder: ModelSource;
  /** The files of its weights, where the address or the folder says which; null: those of `model.safetensors`. */
  weights: string[] | null;
}

/** Opens a model by its address: what is missing is fetched as it is read. */
export async function openAddress(models: KeptModels, text: string): Promise<Opened> {
  const address = parseAddress(text);
  const place = placeOf(models, address);
  const folder = keptSource(models, place);
  const names = address.file === null ? await place.names() : null;
  const nameOf = (name: string) => fileAddress(address, name);
  const { quantization } = { quantization: undefined, ...address };
  const file =
    address.file ??
    (quantization === undefined
      ? names && onlyGguf(names.keys(), place.url, nameOf)
      : quantizedGguf(names?.keys(), quantization, place.url, nameOf));
  if (file === null) return { source: folder, folder, weights: null };
  const isFolder = address.file === null && quantization === undefined;
  const url = isFolder ? place.url : fileAddress(address, file);
  return { source: openFile(folder, file, url), folder, weights: partNames(file) };
}

/** The source of files that a page holds. */
export function openPicked(url: string, picked: readonly PickedFile[]): ModelSource {
  const files = modelFiles(picked);
  const folder = pickedSource(url, files);
  const names = [...files.keys()];
  const file = onlyGguf(names, url, (name) => name);
  if (file !== null) return openFile(folder, file, url);
  const weights = names.filter((name) => /\.safetensors$/i.test(name));
  return weights.length === 1 ? withWeights(folder, weights[0]) : folder;
}

function placeOf(models: KeptModels, address: Address): Place {
  const folder = folderUrl(address);
  return address.kind === "hub" ? hubPlace(models, folder, address) : webPlace(models, folder);
}

/** One file of weights in a folder, as a model. */
export function openFile(folder: ModelSource, file: string, url: string): ModelSource {
  if (!isGguf(file)) return withWeights(folder, file);
  return { ...ggufSource(folder, file, url), finish: async (signal) => folder.finish?.(signal) };
}

function fileAddress(address: Address, file: string): string {
  return addressUrl({ ...address, file });
}
