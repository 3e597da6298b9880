import type { Chosen } from "../vocabulary/chosen.js";
import { planOf, type RunPlan } from "../worker/client.js";

/** What a plan is asked by, as `planOf` takes it. */
export type PlanRequest = Parameters<typeof planOf>[0];

/** What runs could do with the models at hand: asked of the worker anew whenever what it depends on has changed. */
export class Plans {
  private plans = new Map<string, RunPlan>();
  private asked = "";

  constructor(private readonly onChange: () => void) {}

  /** By the name that it was asked for by; null while it isn't known. */
  of(name: string): RunPlan | null {
    return this.plans.get(name) ?? null;
  }

  /** Brings them up to date, if the requests, by name, aren't those of the last call. */
  async refresh(requests: Readonly<Record<string, PlanRequest>>): Promise<void> {
    const asked = JSON.stringify(requests, (_, value: unknown) => (Number.isNaN(value) ? "NaN" : value));
    if (asked === this.asked) return;
    this.asked = asked;
    const answers = await Promise.all(
      // What keeps the worker from starting is said by the run that wants it.
      Object.entries(requests).map(async ([name, request]) => [name, await planOf(request).catch(() => null)] as const),
    );
    if (asked !== this.asked) return;
    this.plans = new Map(answers.flatMap(([name, plan]) => (plan ? [[name, plan] as const] : [])));
    this.onChange();
  }
}

/** The request without what isn't set: only "not given" is undefined. */
export function withoutUndefined(options: Chosen): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
