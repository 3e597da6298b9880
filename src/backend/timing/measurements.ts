import { type CostCurve, costOfRows } from "../../seam/cost-curve.js";
import type { Model } from "../../seam/model.js";
import { rowsUpTo } from "./measure-costs.js";
import { type MeasureCostsOptions, measureModelCosts } from "./model-costs.js";
import type { TimedDevice } from "./timed-device.js";
import { type ModelPart, TimedForwards } from "./timed-forwards.js";

/** A quick look at the time of a forward. */
const QUICK = { samples: 5, forwards: 2 };

/** What drafting is weighed by: costs in forwards of one row of the target. */
export interface DraftCosts {
  /** By numbers of rows, as the option `forward_costs` takes them. */
  forwardCosts: Record<string, number>;
  /** Of one of the drafter's forwards; null where no model drafts. */
  draftCost: number | null;
  /** Of waiting for a result while the device has nothing to do. */
  waitCost: number;
}

/** What drafts: a draft model, by rows of one token or by blocks of so many, or so many of the target's first layers, or its head; or none. */
export interface Drafting {
  draft?: true;
  draftBlock?: number;
  exitLayer?: number;
  head?: true;
}

/** A curve, and the numbers of rows that it was asked for: a short context may have room for fewer. */
interface Known {
  rows: readonly number[];
  costs: CostCurve;
}

/**
 * What was measured of the models on one device: once, and then the same for as long as it lives, so that runs
 * that choose by it repeat.
 */
export class Measurements {
  /** By part. */
  private readonly knownCosts = new WeakMap<Model, Map<ModelPart, Known>>();

  constructor(private readonly device: TimedDevice) {}

  /** v(M) of a model, at least up to `mostRows`; `again` measures anew. */
  async costs(
    model: Model,
    { again = false, ...options }: MeasureCostsOptions & { again?: boolean } = {},
  ): Promise<CostCurve> {
    const known = this.knownCosts.get(model) ?? new Map<ModelPart, Known>();
    this.knownCosts.set(model, known);
    const { part = "whole", mostRows = Number.POSITIVE_INFINITY } = options;
    const before = known.get(part);
    if (before && !again && before.rows.length >= rowsUpTo(mostRows).length) return before.costs;
    const costs = await measureModelCosts(this.device, model, options);
    known.set(part, { rows: rowsUpTo(mostRows), costs });
    return costs;
  }

  /** Milliseconds of a model's forward of one row, the best of a few: quick, and as exact as devices are apart. */
  async forwardMs(model: Model, clock = () => performance.now()): Promise<number> {
    const forwards = new TimedForwards(this.device, model, clock);
    try {
      await forwards.warm(1);
      let leastMs = Number.POSITIVE_INFINITY;
      // The first one may prepare what later ones have.
      for (let i = 0; i <= QUICK.samples; i++) {
        const elapsedMs = await forwards.time(1, QUICK.forwards);
        if (i > 0) leastMs = Math.min(leastMs, elapsedMs / QUICK.forwards);
      }
      return leastMs;
    } finally {
      forwards.dispose();
    }
  }

  /** The costs that adaptive draft lengths are chosen by, to three digits, as people would write them down. */
  async draftCosts(
    target: Model,
    draft: Model | null,
    drafting: Drafting,
    options: MeasureCostsOptions = {},
  ): Promise<DraftCosts> {
    const costs = await this.costs(target, options);
    const forwardCosts = Object.fromEntries(costs.rows.map((numRows, i) => [numRows, short(costs.ratio[i])]));
    const draftMs = await this.draftForwardMs(target, draft, drafting, options);
    const draftCost = draftMs === null ? null : short(draftMs / costs.forwardMs);
    return { forwardCosts, draftCost, waitCost: short(costs.waitMs / costs.forwardMs) };
  }

  private async draftForwardMs(
    target: Model,
    draft: Model | null,
    { draft: byModel, draftBlock = 1, exitLayer, head }: Drafting,
    options: MeasureCostsOptions,
  ): Promise<number | null> {
    const part = head ? "head" : exitLayer;
    if (part !== undefined) return (await this.costs(target, { ...options, part, mostRows: 1 })).forwardMs;
    if (!byModel || !draft) return null;
    const costs = await this.costs(draft, { ...options, mostRows: draftBlock });
    return costs.forwardMs * costOfRows(costs, draftBlock);
  }
}

function short(value: number): number {
  return Number(value.toPrecision(3));
}
