import { readFile } from "node:fs/promises";
import type { ModelSource } from "../format/source.js";
import { optionalJson } from "../format/source.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import type { TokenId } from "../vocabulary/events.js";
import { type Gpu, openDevice } from "../backend/webgpu/gpu/device.js";
import type { Architecture } from "../architecture/architecture.js";
import {
  contextOf,
  loadArchitecture,
  loadFolderTokenizer,
  type LoadOptions,
  loadTransformer,
  withTokenizer,
} from "../backend/webgpu/load/load.js";
import { LoadClock } from "../backend/webgpu/load/load-times.js";
import type { Model } from "../seam/model.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { Tuning } from "../backend/webgpu/tuning/tuning.js";
import { fileSource } from "../format/file-source.js";
import { integer } from "./numbers.js";
import { askedAdapter, nodeGpu } from "./gpu.js";

/** A model folder whose small files are read and checked; the weights are not yet. */
export interface Folder {
  source: ModelSource;
  /** Its longest sequence is the one that there will be room for. */
  architecture: Architecture;
  /** Null when the folder has no tokenizer.json: ids in, ids out is still possible. */
  tokenizer: Tokenizer | null;
  /** Runs while files are read and weights are loaded. */
  clock: LoadClock;
}

/** How a folder is read. Of a second model `context` is the most that it needs. */
export type FolderReading = Pick<LoadOptions, "signal" | "blockLength" | "context"> & { isSecond?: boolean };

/** Flags that say how folders are read, as written. */
export interface ReadingFlags {
  context?: string;
  trainedBlock?: string;
}

/** What the flags `--context` and `--trained-block` say. Throws `InvalidOptionError`. */
export function readingOf({ context, trainedBlock }: ReadingFlags): FolderReading {
  const isFull = trainedBlock === "full";
  return {
    context: context === undefined ? undefined : integer("--context", context, 1),
    blockLength: isFull ? "full" : trainedBlock === undefined ? undefined : integer("--trained-block", trainedBlock, 1),
  };
}

/** Reads a folder's config and tokenizer: what is wrong there shows before any GPU is opened. */
export async function openFolder(
  path: string,
  { signal, blockLength, context, isSecond = false }: FolderReading = {},
): Promise<Folder> {
  const clock = new LoadClock();
  const source = fileSource(path);
  const timed = clock.timed(source);
  const read = await loadArchitecture(timed, { signal, blockLength });
  const hasTokenizer = (await optionalJson(timed, "tokenizer.json", signal)) !== null;
  const tokenizer = hasTokenizer ? await loadFolderTokenizer(timed, read, signal) : null;
  const room = isSecond && context !== undefined ? Math.min(context, read.maxLength) : context;
  const architecture = { ...(tokenizer ? withTokenizer(read, tokenizer) : read), maxLength: contextOf(read, room) };
  clock.enter(null);
  return { source, architecture, tokenizer, clock };
}

/** The device of this process: SwiftShader with `software`, else what `TRIPTYCH_ADAPTER` asks for, else the system's adapter. */
export async function openGpu({ software = false }: { software?: boolean }): Promise<Gpu> {
  return openDevice({ gpu: await nodeGpu(software ? "swiftshader" : (askedAdapter() ?? "any")) });
}

/** How `loadFolder` loads; `tuning` chooses the kernels. */
export type FolderOptions = Pick<LoadOptions, "signal" | "weights" | "head" | "adapter" | "debug"> & {
  tuning?: Tuning;
};

/** A folder's weights on the device, rounded if asked. */
export async function loadFolder(
  gpu: Gpu,
  { source, architecture, clock }: Folder,
  { tuning, ...options }: FolderOptions = {},
): Promise<Model> {
  clock.enter("parseMs");
  const chooseFamily = tuning && ((shape: Architecture) => tuning.family(shape, { rounding: options.weights }));
  const model = await loadTransformer(
    gpu,
    source,
    architecture,
    { ...options, context: architecture.maxLength, chooseFamily },
    clock,
  );
  clock.enter(null);
  return model;
}

/** A device's tuning record from a file: as a page exports it, or within what `device --tune --json` prints. */
export async function readTuning(gpu: Gpu, file: string): Promise<Tuning> {
  const tuning = await Tuning.open(gpu);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidOptionError(`--tuning ${file} can't be read as JSON (${reason}).`);
  }
  const printed = value as { tuning?: unknown } | null;
  await tuning.import(printed?.tuning ?? value);
  return tuning;
}

/** What the engine needs of a tokenizer, for a folder that has none: every token is text of no length. */
export const NO_TEXT = {
  encode: (): TokenId[] => [],
  bytes: () => new Uint8Array(0),
  isSpecial: () => false,
};
