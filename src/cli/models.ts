import { type ModelRef, withoutUnset } from "../runtime/model-ref.js";
import type { DeviceChoice } from "../runtime/terminal.js";
import { showDownloads } from "./download-lines.js";
import { integer } from "./numbers.js";

/** Flags that say how models are loaded, as written. */
export interface LoadingFlags {
  context?: string;
  trainedBlock?: string;
  weights?: ModelRef["weights"];
  kvCache?: ModelRef["kvCache"];
  memoryLimit?: string;
  dtype?: string;
  debug?: boolean;
  /** Where models run. */
  device?: DeviceChoice["device"];
}

/** A model by its folder and the flags; a second one needs no more room than `--context` says. Throws `InvalidOptionError`. */
export function refOf(url: string, flags: LoadingFlags, more: Partial<ModelRef> = {}): ModelRef {
  showDownloads(url);
  const { weights, kvCache, memoryLimit, dtype, debug, context, trainedBlock, device } = flags;
  return withoutUnset({
    url,
    weights,
    kvCache,
    memoryLimit: memoryLimit === undefined ? undefined : integer("--memory-limit", memoryLimit, 1),
    dtype,
    debug,
    device,
    context: context === undefined ? undefined : integer("--context", context, 1),
    blockLength: trainedBlock === "full" ? trainedBlock : blockOf(trainedBlock),
    ...more,
  });
}

function blockOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : integer("--trained-block", text, 1);
}
