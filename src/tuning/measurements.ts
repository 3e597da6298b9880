import type { Gpu } from "../gpu/device.js";
import type { CostCurve } from "../model/cost-curve.js";
import type { Model } from "../model/session.js";
import { type DeviceLimits, type MeasureOptions, measureLimits } from "./device-limits.js";
import { type MeasureCostsOptions, measureModelCosts } from "./model-costs.js";

/** What drafting is weighed by: costs in forwards of one row of the target. */
export interface DraftCosts {
  /** By numbers of rows, as the option `forward_costs` takes them. */
  forwardCosts: Record<string, number>;
  /** Of one drafted token; null without a draft model. */
  draftCost: number | null;
}

const known = new WeakMap<Gpu, Measurements>();

/** The one set of measurements of a device. */
export function measurementsOf(gpu: Gpu): Measurements {
  const measurements = known.get(gpu) ?? new Measurements(gpu);
  known.set(gpu, measurements);
  return measurements;
}

/**
 * What was measured of one device and the models on it: once, and then the same for as long as it lives, so that runs
 * that choose by it repeat.
 */
export class Measurements {
  private knownLimits: DeviceLimits | null = null;
  private readonly knownCosts = new WeakMap<Model, CostCurve>();

  constructor(private readonly gpu: Gpu) {}

  /** The device's limits; `again` measures anew. */
  async limits({ again = false, ...options }: MeasureOptions & { again?: boolean } = {}): Promise<DeviceLimits> {
    if (again || !this.knownLimits) this.knownLimits = await measureLimits(this.gpu, options);
    return this.knownLimits;
  }

  /** v(M) of a model; `again` measures anew. */
  async costs(
    model: Model,
    { again = false, ...options }: MeasureCostsOptions & { again?: boolean } = {},
  ): Promise<CostCurve> {
    const known = this.knownCosts.get(model);
    if (known && !again) return known;
    const costs = await measureModelCosts(this.gpu, model, { budgetMs: this.budgetMs, ...options });
    this.knownCosts.set(model, costs);
    return costs;
  }

  /** The costs that adaptive draft lengths are chosen by, to three digits, as people would write them down. */
  async draftCosts(target: Model, draft: Model | null, options: MeasureCostsOptions = {}): Promise<DraftCosts> {
    const costs = await this.costs(target, options);
    const forwardCosts = Object.fromEntries(costs.rows.map((numRows, i) => [numRows, short(costs.ratio[i])]));
    const draftMs = draft && (await this.costs(draft, options)).forwardMs;
    return { forwardCosts, draftCost: draftMs === null ? null : short(draftMs / costs.forwardMs) };
  }

  /** Half a second gets to 64 rows on a GPU; an emulated one needs more for eight. */
  private get budgetMs(): number {
    return this.gpu.facts.isSoftware ? 2500 : 500;
  }
}

function short(value: number): number {
  return Number(value.toPrecision(3));
}
