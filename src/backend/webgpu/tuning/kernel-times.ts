import { TimedForwards } from "../../timing/timed-forwards.js";
import type { Model } from "../../../seam/model.js";
import type { Gpu } from "../gpu/device.js";
import { type KernelTime, MAX_PROFILED, profileKernels } from "../gpu/profile-kernels.js";
import { timedGpu } from "./timed-gpu.js";

/** Browsers round timestamps to 0.1 ms: what kernels take that are far shorter is the mean of many. */
const MOST_FORWARDS = 32;
const BUDGET_MS = 300;

/**
 * GPU time by kernel of a forward of one row, largest first: the mean of as many forwards as a third of a second allows. Null where the
 * adapter has no timestamps.
 */
export async function kernelTimes(gpu: Gpu, model: Model): Promise<KernelTime[] | null> {
  if (!gpu.facts.hasTimestamps) return null;
  const { queue } = gpu;
  const forwards = new TimedForwards(timedGpu(gpu), model, () => performance.now());
  try {
    await forwards.warm(1);
    const before = queue.dispatchCount;
    const forwardMs = await forwards.timeWaited(1);
    const most = Math.min(MOST_FORWARDS, BUDGET_MS / forwardMs, MAX_PROFILED / (queue.dispatchCount - before));
    const count = Math.max(1, Math.floor(most));
    const sums = await profileKernels(gpu, () => forwards.timeWaited(count));
    return sums.map(({ kernel, dispatches, gpuMs }) => ({
      kernel,
      dispatches: dispatches / count,
      gpuMs: gpuMs / count,
    }));
  } finally {
    forwards.dispose();
  }
}
