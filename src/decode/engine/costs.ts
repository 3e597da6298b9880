import type { CostsWanted, Drafting } from "../decoder.js";
import type { OptionValues } from "../options.js";

/** Costs in forwards of one row of the target. */
export interface MeasuredCosts {
  forwardCosts: Readonly<Record<string, number>>;
  /** Of one of the drafter's forwards; null where no model drafts. */
  draftCost: number | null;
  /** Of waiting for a result while the device has nothing to do. */
  waitCost: number;
}

/** Measures what drafting is weighed by. */
export type Measure = (drafting: Drafting, mostRows: number) => Promise<MeasuredCosts>;

/**
 * The options `forward_costs`, `draft_cost` and `wait_cost` that were wanted. They are part of the run's options then, as its `start`
 * event tells them, so that it can be repeated.
 */
export async function measuredCosts(
  wanted: CostsWanted,
  measure: Measure,
  signal?: AbortSignal,
): Promise<OptionValues> {
  try {
    return asWanted(wanted, await measure(wanted.drafting, wanted.mostRows));
  } catch (error) {
    if (!signal?.aborted) throw error;
    // The run ends as cancelled before it drafts anything; without costs it would end as refused.
    return { num_assistant_tokens_schedule: "constant", forward_costs: {}, draft_cost: null, wait_cost: null };
  }
}

/** Stands in for costs until they are measured: what else is wrong with a run shows before. */
export function unmeasuredCosts(wanted: CostsWanted): OptionValues {
  return asWanted(wanted, { forwardCosts: { 1: 1 }, draftCost: 0, waitCost: 0 });
}

function asWanted(
  { forward, draft, wait }: CostsWanted,
  { forwardCosts, draftCost, waitCost }: MeasuredCosts,
): OptionValues {
  return {
    ...(forward ? { forward_costs: forwardCosts } : {}),
    ...(draft && draftCost !== null ? { draft_cost: draftCost } : {}),
    ...(wait ? { wait_cost: waitCost } : {}),
  };
}
