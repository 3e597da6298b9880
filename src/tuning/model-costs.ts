import type { Gpu } from "../gpu/device.js";
import type { CostCurve } from "../model/cost-curve.js";
import type { Model } from "../model/session.js";
import type { MeasureOptions } from "./device-limits.js";
import { CURVE_ROWS, measureCosts } from "./measure-costs.js";
import { TimedForwards } from "./timed-forwards.js";

/** How to measure a model. */
export interface MeasureCostsOptions extends MeasureOptions {
  /** For timing alone; compiling comes on top. */
  budgetMs?: number;
  onProgress?: (numDone: number, numRows: number) => void;
  /** Of so many of the model's first layers; of all unless given. */
  numLayers?: number;
}

/**
 * v(M) of a loaded model, on its own weights: forwards of M rows, logits of all of them, none kept, behind the same 32
 * tokens. On a session of its own, so other sessions don't notice.
 */
export async function measureModelCosts(
  gpu: Gpu,
  model: Model,
  {
    signal,
    clock = () => performance.now(),
    breathe = async () => {},
    budgetMs = 500,
    onProgress,
    numLayers,
  }: MeasureCostsOptions = {},
): Promise<CostCurve> {
  const forwards = new TimedForwards(gpu, model, clock, numLayers);
  try {
    return await measureCosts(forwards.possible(CURVE_ROWS), {
      clock,
      budgetMs,
      onProgress,
      warm: (numRows) => forwards.warm(numRows),
      async time(numRows, repetitions) {
        signal?.throwIfAborted();
        await breathe();
        return forwards.time(numRows, repetitions);
      },
    });
  } finally {
    forwards.dispose();
  }
}
