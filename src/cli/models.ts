import { readFile } from "node:fs/promises";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { fileSource } from "../format/file-source.js";
import { type Gpu, openDevice } from "../backend/webgpu/gpu/device.js";
import type { Rounding } from "../seam/rounding.js";
import type { ModelRef } from "../runtime/model-ref.js";
import { withoutUnset } from "../runtime/model-ref.js";
import { Runtime, type RuntimeModel } from "../runtime/runtime.js";
import { WebGpuParts } from "../runtime/webgpu.js";
import { Tuning } from "../backend/webgpu/tuning/tuning.js";
import { askedAdapter, nodeGpu } from "./gpu.js";
import { integer } from "./numbers.js";

/** Flags that say how folders are read, as written. */
export interface ReadingFlags {
  context?: string;
  trainedBlock?: string;
}

/** What the flags `--context` and `--trained-block` say. Throws `InvalidOptionError`. */
export function readingOf({ context, trainedBlock }: ReadingFlags): Pick<ModelRef, "context" | "blockLength"> {
  const isFull = trainedBlock === "full";
  return {
    context: context === undefined ? undefined : integer("--context", context, 1),
    blockLength: isFull ? "full" : trainedBlock === undefined ? undefined : integer("--trained-block", trainedBlock, 1),
  };
}

/** Flags that say how models are loaded, as written. */
export interface LoadingFlags extends ReadingFlags {
  weights?: Rounding;
  debug?: boolean;
}

/** A model by its folder and the flags; a second one needs no more room than `--context` says. */
export function refOf(url: string, flags: LoadingFlags, more: Partial<ModelRef> = {}): ModelRef {
  return withoutUnset({ url, weights: flags.weights, debug: flags.debug, ...readingOf(flags), ...more });
}

/** The device of this process: SwiftShader with `software`, else what `TRIPTYCH_ADAPTER` asks for, else the system's adapter. */
export async function openGpu({ software = false }: { software?: boolean }): Promise<Gpu> {
  return openDevice({ gpu: await nodeGpu(software ? "swiftshader" : (askedAdapter() ?? "any")) });
}

/** The runtime of this process: folders by their paths, kernels by `--tuning`. */
export function openRuntime(flags: { software?: boolean; tuning?: string }): Runtime<Gpu, RuntimeModel> {
  const { tuning } = flags;
  return new Runtime(
    new WebGpuParts({
      openDevice: () => openGpu(flags),
      source: fileSource,
      tuning: (gpu) => (tuning === undefined ? null : readTuning(gpu, tuning)),
      needsTokenizer: false,
      standIns: false,
    }),
  );
}

/** A device's tuning record from a file: as a page exports it, or within what `device --tune --json` prints. */
async function readTuning(gpu: Gpu, file: string): Promise<Tuning> {
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
