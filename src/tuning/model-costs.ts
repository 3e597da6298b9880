import { invariant } from "../errors.js";
import type { Gpu } from "../gpu/device.js";
import type { CostCurve } from "../model/cost-curve.js";
import type { Attend, Model, Rows } from "../model/session.js";
import type { MeasureOptions } from "./device-limits.js";
import { CURVE_ROWS, measureCosts } from "./measure-costs.js";
import { stopwatch } from "./stopwatch.js";

/** Tokens in the cache of a forward that is timed, where the context allows it. */
const NUM_KEPT = 32;

/** How to measure a model. */
export interface MeasureCostsOptions extends MeasureOptions {
  /** For timing alone; compiling comes on top. */
  budgetMs?: number;
  onProgress?: (numDone: number, numRows: number) => void;
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
  }: MeasureCostsOptions = {},
): Promise<CostCurve> {
  const { causal, blockLengths, maxLength, vocabSize } = model.capabilities;
  const attend: Attend = causal ? "causal" : blockLengths.length > 0 ? { block: blockLengths[0] } : "full";
  // Whole blocks, of which any length that models are trained on divides 32.
  const numKept = NUM_KEPT + 1 < maxLength ? NUM_KEPT : 0;
  const rows = CURVE_ROWS.filter((numRows) => numKept + numRows <= maxLength);
  invariant(rows.length > 0, `a context of ${maxLength} tokens`);
  // A stride that is prime to the vocabularies at hand: other tokens each time.
  const tokens = (first: number, count: number) =>
    Array.from({ length: count }, (_, i) => ((first + i) * 7919 + 5) % vocabSize);
  const session = model.session();
  const elapsed = stopwatch(gpu, clock);
  try {
    if (numKept > 0) session.forward({ tokens: tokens(0, numKept), attend, rows: "last", keep: numKept });
    const forward = (numRows: number): Rows =>
      session.forward({ tokens: tokens(numKept, numRows), attend, rows: "all", keep: 0 });
    return await measureCosts(rows, {
      clock,
      budgetMs,
      onProgress,
      async warm(numRows) {
        const { kernels, queue } = gpu;
        const { mayStandIn } = kernels;
        // A tile that stands in for one that isn't compiled would give the time of the wrong kernel.
        kernels.mayStandIn = false;
        const needed = queue.rehearse(() => forward(numRows));
        kernels.mayStandIn = mayStandIn;
        await Promise.all([...needed].map((kernel) => kernel.warmUp()));
      },
      async time(numRows, repetitions) {
        signal?.throwIfAborted();
        await breathe();
        return elapsed(() => {
          for (let i = 0; i < repetitions; i++) forward(numRows);
          // Nothing to wait for would not be waited for.
          if (repetitions === 0) gpu.device.queue.submit([]);
        });
      },
    });
  } finally {
    session.dispose();
  }
}
