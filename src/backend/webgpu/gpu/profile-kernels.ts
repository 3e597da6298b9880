import { InvalidOptionError } from "../../../vocabulary/errors.js";
import type { Gpu } from "./device.js";
import { MAX_PROFILED, Profiler } from "./profiler.js";

/** Dispatches that are timed at most. */
export { MAX_PROFILED };

/** What one kernel took in a profiled run. */
export interface KernelTime {
  kernel: string;
  dispatches: number;
  gpuMs: number;
}

/**
 * GPU time by kernel, largest first, of what `run` dispatches (the first 2,048 dispatches of it). Each dispatch gets a
 * pass of its own, which costs time: for shares, not for speed. Throws where the adapter has no `timestamp-query`.
 */
export async function profileKernels(gpu: Gpu, run: () => Promise<unknown>): Promise<KernelTime[]> {
  if (!gpu.facts.hasTimestamps) {
    throw new InvalidOptionError("--profile needs the feature timestamp-query, which this adapter doesn't have.");
  }
  gpu.queue.flush();
  const profiler = new Profiler(gpu.device, gpu.arena);
  gpu.queue.profiler = profiler;
  try {
    await run();
    gpu.queue.flush();
    gpu.queue.profiler = null;
    const table = await profiler.collect((source, byteOffset, byteLength) =>
      gpu.queue.read(source, byteOffset, byteLength),
    );
    return [...table]
      .map(([kernel, { gpuMs, dispatches }]) => ({ kernel, dispatches, gpuMs }))
      .sort((a, b) => b.gpuMs - a.gpuMs);
  } finally {
    gpu.queue.profiler = null;
    profiler.dispose();
  }
}
