import type { CostCurve } from "../../seam/cost-curve.js";
import type { Model } from "../../seam/model.js";
import { measureCosts, rowsUpTo } from "./measure-costs.js";
import type { TimedDevice } from "./timed-device.js";
import { type ModelPart, TimedForwards } from "./timed-forwards.js";

/** How to measure. */
export interface MeasureOptions {
  signal?: AbortSignal;
  clock?: () => number;
  /** Called between samples, when nothing is under way: others may use the device until it resolves. */
  breathe?: () => Promise<void>;
}

/** How to measure a model. */
export interface MeasureCostsOptions extends MeasureOptions {
  /** For timing alone; compiling comes on top. */
  budgetMs?: number;
  /** Where the least that is timed would take longer, nothing is: `InvalidOptionError` with the code `slow_costs`. */
  mostMs?: number;
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
  device: TimedDevice,
  model: Model,
  {
    signal,
    clock = () => performance.now(),
    breathe = async () => {},
    budgetMs = device.budgetMs,
    mostMs,
    onProgress,
    part,
    mostRows = Number.POSITIVE_INFINITY,
  }: MeasureCostsOptions = {},
): Promise<CostCurve> {
  const forwards = new TimedForwards(device, model, clock, part);
  try {
    return await measureCosts(forwards.possible(rowsUpTo(mostRows)), {
      clock,
      budgetMs,
      mostMs,
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
