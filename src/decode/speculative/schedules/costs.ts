import type { Capabilities } from "../../../seam/capabilities.js";
import type { CostsWanted, Decoder, Drafting } from "../../decoder.js";
import type { OptionValues } from "../../options.js";

/** Costs that are as good as any to find what else is wrong with a run. */
const ANY = { forward_costs: { 1: 1 }, draft_cost: 0, wait_cost: 0 };

/**
 * Which costs must be measured for a run with these checked options: where it chooses draft lengths by costs and doesn't bring its
 * own. Null where nothing must, and where the options are refused anyway.
 */
export function costsWanted(decoder: Decoder, parsed: OptionValues, capabilities: Capabilities): CostsWanted | null {
  if (parsed.num_assistant_tokens_schedule !== "adaptive") return null;
  const forward = Object.keys(parsed.forward_costs as Record<string, number>).length === 0;
  const wait = parsed.wait_cost === null;
  try {
    // With costs in place, is there anything else to refuse?
    const whole: OptionValues = { ...parsed, ...ANY };
    const resolved = decoder.resolve?.(whole, capabilities) ?? whole;
    const { draft: byModel, draftBlock, exitLayer, head } = decoder.needs(resolved);
    const byHead = head === undefined ? undefined : true;
    const drafting: Drafting = { draft: byModel, draftBlock, exitLayer, head: byHead };
    const draft = (byModel === true || exitLayer !== undefined || byHead === true) && parsed.draft_cost === null;
    // A verification has a row for each draft and one more.
    const mostRows = Number(resolved.num_assistant_tokens) + 1;
    return forward || draft || wait ? { forward, draft, wait, drafting, mostRows } : null;
  } catch {
    return null;
  }
}
