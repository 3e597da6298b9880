import type { Gpu } from "../gpu/device.js";
import type { CostCurve } from "../model/cost-curve.js";
import type { Model } from "../model/session.js";
import type { MeasureOptions } from "./device-limits.js";
import { CURVE_ROWS, measureCosts } from "./measure-costs.js";
import { type ModelPart, TimedForwards } from "./timed-forwards.js";

/** How to measure a model. */
export interface MeasureCostsOptions extends MeasureOptions {
  /** For timing alone; compiling comes on top. */
  budgetMs?: number;
  onProgress?: (numDone: number, numRows: number) => void;
  /** Default: the whole. */
  part?: ModelPart;
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
    part,
  }: MeasureCostsOptions = {},
): Promise<CostCurve> {
  const forwards = new TimedForwards(gpu, model, clock, part);
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
