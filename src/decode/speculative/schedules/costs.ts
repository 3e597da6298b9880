import { EAGLE } from "../../../extension/eagle/key.js";
import { isEarlyExit } from "../../../extension/early-exit/key.js";
import type { Companion } from "../../companion.js";
import type { Capabilities } from "../../../seam/capabilities.js";
import type { CostsWanted, Decoder, Drafting } from "../../decoder.js";
import type { OptionValues } from "../../options.js";

const NO_FORWARDS: Drafting = {};

/** Which forwards a drafter makes, as far as their costs can be measured. */
function draftingOf(drafter?: Companion): Drafting {
  if (!drafter) return NO_FORWARDS;
  if ("model" in drafter) return { draft: true, draftBlock: drafter.block };
  const { key } = drafter;
  if (key.extension === EAGLE.extension) return { head: true };
  return isEarlyExit(key) ? { exitLayer: key.numLayers } : NO_FORWARDS;
}

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
    const drafting = draftingOf(decoder.needs(resolved).beside?.drafter);
    const draft = drafting !== NO_FORWARDS && parsed.draft_cost === null;
    // A verification has a row for each draft and one more.
    const mostRows = Number(resolved.num_assistant_tokens) + 1;
    return forward || draft || wait ? { forward, draft, wait, drafting, mostRows } : null;
  } catch {
    return null;
  }
}
