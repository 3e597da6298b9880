import type { Capabilities } from "../../../seam/capabilities.js";
import type { Decoder, Needs } from "../../decoder.js";
import { type OptionValues, parseOptions } from "../../options.js";

/** Costs in forwards of one row of the target. */
export interface MeasuredCosts {
  forwardCosts: Readonly<Record<string, number>>;
  /** Of one of the drafter's forwards; null where no model drafts. */
  draftCost: number | null;
  /** Of waiting for a result while the device has nothing to do. */
  waitCost: number;
}

/** Which forwards draft, as in `Needs`: a draft model's of one row or of a block, or of a part of the target; or none. */
export type Drafting = Pick<Needs, "draft" | "draftBlock" | "exitLayer"> & { head?: true };

type Raw = Readonly<Record<string, unknown>>;

/**
 * The options with `forward_costs`, `draft_cost` and `wait_cost` filled in by `measure`, where the run chooses draft lengths by them and
 * doesn't bring its own. They are part of the run's options then, as its `start` event tells them, so that it can be
 * repeated. Options that are wrong stay as they are: the engine says what is wrong. Texts in them are ids already.
 */
export async function withMeasuredCosts(
  decoder: Decoder,
  raw: Raw,
  capabilities: Capabilities,
  measure: (drafting: Drafting, mostRows: number) => Promise<MeasuredCosts>,
  signal?: AbortSignal,
): Promise<Raw> {
  const plan = costsWanted(decoder, raw, capabilities);
  if (!plan) return raw;
  try {
    const { forwardCosts, draftCost, waitCost } = await measure(plan.drafting, plan.mostRows);
    return {
      ...raw,
      ...(plan.forward ? { forward_costs: forwardCosts } : {}),
      ...(plan.draft && draftCost !== null ? { draft_cost: draftCost } : {}),
      ...(plan.wait ? { wait_cost: waitCost } : {}),
    };
  } catch (error) {
    if (!signal?.aborted) throw error;
    // The run ends as cancelled before it drafts anything; without costs it would end as refused.
    return {
      ...plan.parsed,
      num_assistant_tokens_schedule: "constant",
      forward_costs: {},
      draft_cost: null,
      wait_cost: null,
    };
  }
}

function costsWanted(decoder: Decoder, raw: Raw, capabilities: Capabilities) {
  let parsed: OptionValues;
  let resolved: OptionValues;
  let needs: Needs;
  try {
    parsed = parseOptions(decoder.options, raw);
    if (parsed.num_assistant_tokens_schedule !== "adaptive") return null;
    // With costs in place, is there anything else to refuse?
    const whole = { ...parsed, forward_costs: { 1: 1 }, draft_cost: 0, wait_cost: 0 };
    resolved = decoder.resolve?.(whole, capabilities) ?? whole;
    needs = decoder.needs(resolved);
  } catch {
    return null;
  }
  const { draft: byModel, draftBlock, exitLayer, head } = needs;
  const byHead = head === undefined ? undefined : true;
  const drafting: Drafting = { draft: byModel, draftBlock, exitLayer, head: byHead };
  const forward = Object.keys(parsed.forward_costs as Record<string, number>).length === 0;
  const draft = (byModel === true || exitLayer !== undefined || byHead === true) && parsed.draft_cost === null;
  const wait = parsed.wait_cost === null;
  // A verification has a row for each draft and one more.
  const mostRows = Number(resolved.num_assistant_tokens) + 1;
  return forward || draft || wait ? { parsed, forward, draft, wait, drafting, mostRows } : null;
}
