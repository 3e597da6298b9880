import { ModelLoadError } from "../vocabulary/errors.js";
import { nameIn, valueIn } from "./in-message.js";
import type { RawTensor } from "./safetensors.js";
import { openShards, type Shards } from "./shards.js";
import { type CheckpointReading, isAbsence, type ModelSource, optionalJson } from "./source.js";
import type { Checkpoint, Tensor } from "./tensor.js";

/** How a checkpoint is read. */
export type { CheckpointReading } from "./source.js";
/** The weights of a model, opened. */
export type { Checkpoint } from "./tensor.js";

const SINGLE = "model.safetensors";
const INDEX = "model.safetensors.index.json";

/**
 * The weights of a model folder: `model.safetensors` or, where that is missing, the shards that `model.safetensors.index.json` lists.
 * Headers are read at once, values when they are asked for. Progress counts the bytes of all shards.
 */
export async function openCheckpoint(source: ModelSource, reading: CheckpointReading = {}): Promise<Checkpoint> {
  if (source.checkpoint) return source.checkpoint(reading);
  const shards = await openTensors(source, reading);
  if (![...shards.raw.values()].some(isPacked)) return shards;
  const { openPacked } = await import("./packed/open-packed.js");
  return openPacked(source, shards, reading);
}

/** Whether weights may be made of a raw tensor. */
function isPacked({ name, dtype }: RawTensor): boolean {
  return /^F8_/.test(dtype) || /\.(qweight|weight_packed)$/.test(name) || (dtype === "I8" && name.endsWith(".weight"));
}

async function openTensors(source: ModelSource, reading: CheckpointReading): Promise<Shards> {
  try {
    return await openFile(source, SINGLE, reading);
  } catch (error) {
    if (!isAbsence(error)) throw error;
    const index = await optionalJson(source, INDEX, reading.signal);
    // Neither file exists: the first message is the useful one.
    if (index === null) throw error;
    return openIndexed(source, index, reading);
  }
}

/** The tensors of one safetensors file of a folder. */
export function openFile(source: ModelSource, name: string, reading: CheckpointReading = {}): Promise<Shards> {
  return openShards(source, [name], reading);
}

/** All tensors of a folder at once: for what is small, as a head. */
export async function loadCheckpoint(
  source: ModelSource,
  reading: CheckpointReading = {},
): Promise<Map<string, Tensor>> {
  return readAll(await openCheckpoint(source, reading), reading.signal);
}

/** All tensors of a checkpoint at once, which is closed behind it. */
export async function readAll(checkpoint: Checkpoint, signal?: AbortSignal): Promise<Map<string, Tensor>> {
  try {
    const tensors = new Map<string, Tensor>();
    for (const name of checkpoint.tensors.keys()) tensors.set(name, await checkpoint.read(name, undefined, signal));
    return tensors;
  } finally {
    await checkpoint.close();
  }
}

async function openIndexed(source: ModelSource, index: unknown, reading: CheckpointReading): Promise<Shards> {
  const places = parseIndex(index, source.url);
  const shards = await openShards(source, [...new Set(places.values())], reading, places);
  for (const [name, shard] of places) {
    if (shards.tensors.has(name) || shards.unread.has(name)) continue;
    await shards.close();
    throw new ModelLoadError(
      `Tensor ${nameIn(name)} is missing in ${shard}, where ${INDEX} of ${source.url} places it.`,
      "bad_index",
    );
  }
  return shards;
}

/** The shard of each tensor, by the index of a folder. */
function parseIndex(index: unknown, folder: string): Map<string, string> {
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
        `${INDEX} in ${folder} places tensor ${nameIn(name)} in ${valueIn(shard)}, expected the name of a .safetensors file.`,
        "bad_index",
      );
    }
    places.set(name, shard);
  }
  return places;
}
