import type { TimedDevice } from "../../timing/timed-device.js";
import type { Gpu } from "../gpu/device.js";
import { stopwatch } from "./stopwatch.js";

/** Half a second gets to 64 rows on a GPU; an emulated one needs more for eight. */
const BUDGET_MS = { gpu: 500, software: 2500 };

/** A GPU, to be timed. */
export function timedGpu(gpu: Gpu): TimedDevice {
  const { kernels, queue, facts, device } = gpu;
  return {
    budgetMs: facts.isSoftware ? BUDGET_MS.software : BUDGET_MS.gpu,
    elapsed: (ask, clock) =>
      stopwatch(
        gpu,
        clock,
      )(() => {
        const before = queue.dispatchCount;
        ask();
        // Nothing to wait for would not be waited for.
        if (queue.dispatchCount === before) device.queue.submit([]);
      }),
    async warm(forward) {
      const { mayStandIn } = kernels;
      // A tile that stands in for one that isn't compiled would give the time of the wrong kernel.
      kernels.mayStandIn = false;
      const needed = queue.rehearse(forward);
      kernels.mayStandIn = mayStandIn;
      await Promise.all([...needed].map((kernel) => kernel.warmUp()));
    },
  };
}
