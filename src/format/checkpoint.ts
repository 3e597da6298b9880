import { ModelLoadError } from "../vocabulary/errors.js";
import { parseSafetensors, type Tensor } from "./safetensors.js";
import { isAbsence, type ModelSource, optionalJson, type Progress } from "./source.js";

const SINGLE = "model.safetensors";
const INDEX = "model.safetensors.index.json";

/** How weights are read: told of what has come, and given up when the signal says so. */
export interface CheckpointReading {
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

/**
 * All tensors of a model folder by name, from `model.safetensors` or, where that is missing, the shards that
 * `model.safetensors.index.json` lists. Progress counts the bytes of all shards.
 */
export async function loadCheckpoint(
  source: ModelSource,
  options: CheckpointReading = {},
): Promise<Map<string, Tensor>> {
  const { onProgress, signal } = options;
  try {
    return parseSafetensors(await source.bytes(SINGLE, onProgress, signal), `${SINGLE} in ${source.url}`);
  } catch (error) {
    if (!isAbsence(error)) throw error;
    const index = await optionalJson(source, INDEX, signal);
    // Neither file exists: the first message is the useful one.
    if (index === null) throw error;
    return loadShards(source, index, onProgress, signal);
  }
}

async function loadShards(
  source: ModelSource,
  index: unknown,
  onProgress: ((progress: Progress) => void) | undefined,
  signal: AbortSignal | undefined,
): Promise<Map<string, Tensor>> {
  const { places, totalBytes } = parseIndex(index, source.url);
  const tensors = new Map<string, Tensor>();
  const unread = new Set<string>();
  let doneBytes = 0;
  for (const shard of new Set(places.values())) {
    const file = await source.bytes(
      shard,
      ({ loadedBytes }) => onProgress?.({ loadedBytes: doneBytes + loadedBytes, totalBytes }),
      signal,
    );
    doneBytes += file.length;
    for (const [name, tensor] of parseSafetensors(file, `${shard} in ${source.url}`, unread)) {
      // What the index places elsewhere is there; what it doesn't list is as good as any other.
      if ((places.get(name) ?? shard) === shard) tensors.set(name, tensor);
    }
  }
  for (const [name, shard] of places) {
    if (!tensors.has(name) && !unread.has(name)) {
      throw new ModelLoadError(
        `Tensor ${name} is missing in ${shard}, where ${INDEX} of ${source.url} places it.`,
        "bad_index",
      );
    }
  }
  return tensors;
}

function parseIndex(index: unknown, folder: string): { places: Map<string, string>; totalBytes: number | null } {
  const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
  const weightMap = isRecord(index) ? index.weight_map : undefined;
  if (!isRecord(index) || !isRecord(weightMap)) {
    throw new ModelLoadError(
      `${INDEX} in ${folder} has no weight_map that names a shard for each tensor.`,
      "bad_index",
    );
  }
  const places = new Map<string, string>();
  for (const [name, shard] of Object.entries(weightMap)) {
    if (typeof shard !== "string" || !/^[^/\\]+\.safetensors$/.test(shard)) {
      throw new ModelLoadError(
        `${INDEX} in ${folder} places tensor ${name} in ${JSON.stringify(shard)}, expected the name of a .safetensors file.`,
        "bad_index",
      );
    }
    places.set(name, shard);
  }
  const totalSize = isRecord(index.metadata) ? index.metadata.total_size : undefined;
  return { places, totalBytes: typeof totalSize === "number" ? totalSize : null };
}
