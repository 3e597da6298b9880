import type { Gpu } from "../gpu/device.js";
import type { CostCurve } from "../../../seam/cost-curve.js";
import type { Model } from "../../../seam/model.js";
import type { MeasureOptions } from "./device-limits.js";
import { measureCosts, rowsUpTo } from "./measure-costs.js";
import { type ModelPart, TimedForwards } from "./timed-forwards.js";

/** How to measure a model. */
export interface MeasureCostsOptions extends MeasureOptions {
  /** For timing alone; compiling comes on top. */
  budgetMs?: number;
  onProgress?: (numDone: number, numRows: number) => void;
  /** Default: the whole. */
  part?: ModelPart;
  /** Forwards of more rows aren't asked for; default: up to 64. */
  mostRows?: number;
}

/**
 * v(M) of a loaded model, on its own weights: forwards of M rows, a token drawn of each of them, none kept, behind the same 32
 * tokens; and what waiting for a result costs. On a session of its own, so other sessions don't notice.
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
    mostRows = Number.POSITIVE_INFINITY,
  }: MeasureCostsOptions = {},
): Promise<CostCurve> {
  const forwards = new TimedForwards(gpu, model, clock, part);
  try {
    return await measureCosts(forwards.possible(rowsUpTo(mostRows)), {
      clock,
      budgetMs,
      onProgress,
      warm: (numRows) => forwards.warm(numRows),
      async time(numRows, repetitions) {
        signal?.throwIfAborted();
        await breathe();
        return forwards.time(numRows, repetitions);
      },
      async timeWaited(repetitions) {
        signal?.throwIfAborted();
        await breathe();
        return forwards.timeWaited(repetitions);
      },
    });
  } finally {
    forwards.dispose();
  }
}
